"""Tools and planners in Python, both facades, and what goes wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hub_core import Context, Hub, HubError, Retry, ToolCall, planner, said, sync, tool

FAST = {"window_pause_ms": 50}


async def household(hub: Hub) -> tuple[Context, str, str, str]:
    admin = Context.admin()
    agent = (await hub.agents.create(admin, name="home"))["agent_id"]
    space = (await hub.spaces.create(admin, agent, name="kitchen"))["space_id"]
    anna = (await hub.people.create(admin, agent, name="Anna"))["person_id"]
    return Context.operator(agent, anna, "owner"), agent, space, anna


def run(what: Any) -> Any:
    return asyncio.run(asyncio.wait_for(what, 60))


class Lamp(pydantic.BaseModel):
    room: str
    percent: int = 100


def test_a_planner_proposes_and_a_tool_runs_after_approval(tmp_path: Path) -> None:
    done: list[Any] = []

    @tool(name="lamp.set", idempotent=True)
    async def lamp(lamp: Lamp, call: ToolCall) -> dict[str, Any]:
        """Sets a lamp."""
        await asyncio.sleep(0.01)
        done.append((lamp, call["idempotency_key"]))
        return {"set": lamp.percent}

    @planner(name="mine", version="1")
    async def plans(window: dict[str, Any]) -> dict[str, Any]:
        sources = [utterance["event_id"] for utterance in window["utterances"]]
        arguments = {"lamp": {"room": "kitchen", "percent": 30}}
        return {
            "actions": [
                {"tool": "lamp.set", "arguments": arguments, "reason": "asked for", "source_event_ids": sources}
            ]
        }

    async def story() -> None:
        async with await Hub.open(tmp_path, settings=FAST, tools=[lamp], planner=plans) as hub:
            owner, agent, space, anna = await household(hub)
            [stored] = await hub.events.append(owner, said(space, "Dim the light", person_id=anna))
            assert stored["status"] == "stored"
            await hub.drained(agent)
            [action] = (await hub.actions.list(owner, agent))["items"]
            assert (action["state"], action["tool"]) == ("awaiting_approval", "lamp.set")
            assert done == []
            with pytest.raises(HubError) as stale:
                await hub.actions.approve(owner, action["action_id"], "sha256:" + "0" * 64)
            assert stale.value.kind == "conflict"
            await hub.actions.approve(owner, action["action_id"], action["binding_digest"])
            await hub.drained(agent)
            ended = await hub.actions.get(owner, action["action_id"])
            assert (ended["state"], ended.get("result")) == ("done", {"set": 30})
            assert [lamp for lamp, _ in done] == [Lamp(room="kitchen", percent=30)]
            assert (await hub.audit.verify(Context.admin()))["holds"]

    run(story())


def test_a_tool_that_raises_fails_its_action_and_nothing_else(tmp_path: Path) -> None:
    @tool(name="door.open")
    def door(which: str) -> None:
        """Opens a door."""
        raise ValueError(f"no door {which}")

    with sync.Hub.open(tmp_path, settings=FAST) as hub:
        hub.tools.register(door)
        admin = Context.admin()
        agent = hub.agents.create(admin, name="home")["agent_id"]
        space = hub.spaces.create(admin, agent, name="hall")["space_id"]
        anna = hub.people.create(admin, agent, name="Anna")["person_id"]
        owner = Context.operator(agent, anna, "owner")
        action = hub.actions.propose(owner, agent, space_id=space, tool="door.open", arguments={"which": "7"})
        hub.actions.approve(owner, action["action_id"], action["binding_digest"])
        hub.drained(agent)
        ended = hub.actions.get(owner, action["action_id"])
        assert ended["state"] in ("failed", "unknown")
        problem = ended.get("problem")
        assert problem is not None and "no door 7" in problem["detail"]
        with pytest.raises(HubError) as again:
            hub.tools.register(door)
        assert again.value.kind in ("conflict", "invalid")
        with pytest.raises(HubError) as wrong:
            hub.actions.propose(owner, agent, space_id=space, tool="door.open", arguments={"which": 7})
        assert wrong.value.kind == "invalid"


def test_events_are_followed_from_where_one_was(tmp_path: Path) -> None:
    async def story() -> None:
        async with await Hub.open(tmp_path) as hub:
            owner, _, space, _ = await household(hub)
            await hub.events.append(owner, said(space, "before"))
            now = await hub.events.end(owner, space)
            heard: list[str] = []
            cursors: list[str] = []

            async def listen(cursor: str, most: int) -> None:
                async for event, behind in hub.events.follow(owner, space, cursor=cursor):
                    heard.append(event["payload"]["text"])
                    cursors.append(behind)
                    if len(heard) == most:
                        return

            listening = asyncio.create_task(listen(now, 2))
            for text in ("one", "two", "three"):
                await hub.events.append(owner, said(space, text))
            await listening
            assert heard == ["one", "two"]
            await listen(cursors[-1], 3)
            assert heard == ["one", "two", "three"]
            waiting = asyncio.create_task(listen(cursors[-1], 4))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    run(story())


def test_bad_input_is_an_error_with_a_code(tmp_path: Path) -> None:
    async def story() -> None:
        hub = await Hub.open(tmp_path)
        owner, agent, space, _ = await household(hub)
        with pytest.raises(HubError) as taken:
            await Hub.open(tmp_path)
        assert taken.value.kind == "conflict"
        for text, kind in [("a\0b", "invalid"), ("half \ud83d", "invalid")]:
            try:
                [result] = await hub.events.append(owner, said(space, text))
                assert result["status"] == "refused", result
            except HubError as refused:
                assert refused.kind == kind
        [huge] = await hub.events.append(owner, said(space, "x" * 1_000_000))
        assert huge["status"] == "refused"
        with pytest.raises(HubError) as unknown:
            await hub.spaces.get(owner, "00000000-0000-4000-8000-0000000000ff")
        assert (unknown.value.code, unknown.value.retryable) == ("unknown_space", False)
        with pytest.raises(HubError) as none:
            await hub.agents.create(Context.admin(), name=float("nan"))  # type: ignore[arg-type]
        assert none.value.code == "invalid_json"
        await hub.shutdown()
        await hub.shutdown()
        with pytest.raises(HubError) as closed:
            await hub.agents.list(Context.admin())
        assert (closed.value.kind, closed.value.retryable) == ("unavailable", True)

    run(story())


def test_threads_and_loops_share_a_hub(tmp_path: Path) -> None:
    with sync.Hub.open(tmp_path) as hub:
        admin = Context.admin()
        agent = hub.agents.create(admin, name="home")["agent_id"]
        space = hub.spaces.create(admin, agent, name="hall")["space_id"]
        anna = hub.people.create(admin, agent, name="Anna")["person_id"]
        owner = Context.operator(agent, anna, "owner")

        def speak() -> None:
            for _ in range(50):
                [result] = hub.events.append(owner, said(space, "hello"))
                assert result["status"] == "stored"

        threads = [threading.Thread(target=speak) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert hub.agents.status(admin, agent)["counts"]["events"] == 400


def forked(child: Callable[[], int]) -> int:
    """The exit code of a child, which is what `child` answers there."""
    process = os.fork()
    if process == 0:
        status = 9
        try:
            status = child()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_child_of_a_fork_is_told_so_by_its_parents_hub_and_opens_none(tmp_path: Path) -> None:
    with sync.Hub.open(tmp_path / "parent") as hub:

        def child() -> int:
            codes = []
            for call in (lambda: hub.agents.list(Context.admin()), lambda: sync.Hub.open(tmp_path / "child")):
                try:
                    call()
                except HubError as refused:
                    codes.append(refused.code)
            return 0 if codes == ["forked", "forked"] else 1

        assert forked(child) == 0
        hub.agents.create(Context.admin(), name="still here")


def test_a_child_opens_a_hub_where_none_was_open(tmp_path: Path) -> None:
    sync.Hub.open(tmp_path / "parent").shutdown()

    def child() -> int:
        with sync.Hub.open(tmp_path / "child") as own:
            own.agents.create(Context.admin(), name="home")
        return 0

    assert [forked(child) for _ in range(3)] == [0, 0, 0]


WAITS = """
import sys
from hub_core import Context, said, sync
hub = sync.Hub.open(sys.argv[1])
admin = Context.admin()
agent = hub.agents.create(admin, name="home")["agent_id"]
space = hub.spaces.create(admin, agent, name="hall")["space_id"]
anna = hub.people.create(admin, agent, name="Anna")["person_id"]
owner = Context.operator(agent, anna, "owner")
try:
    print("waits", flush=True)
    for _ in hub.events.follow(owner, space):
        pass
except KeyboardInterrupt:
    hub.shutdown()
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_wait(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "waits\n"
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=20)[0] == "interrupted\n"
    assert child.returncode == 0


def test_a_planner_may_ask_to_be_tried_again(tmp_path: Path) -> None:
    attempts: list[str] = []

    @planner(name="mine", version="1")
    def plans(window: dict[str, Any]) -> dict[str, Any]:
        attempts.append(window["window_id"])
        if len(attempts) == 1:
            raise Retry("the model is away")
        source = window["utterances"][0]
        fact = {"content": "Anna likes tea", "predicate": "likes", "confidence": 0.9}
        return {"memories": [fact | {"source_event_ids": [source["event_id"]]}]}

    with sync.Hub.open(tmp_path, settings=FAST, planner=plans) as hub:
        admin = Context.admin()
        agent = hub.agents.create(admin, name="home")["agent_id"]
        space = hub.spaces.create(admin, agent, name="hall")["space_id"]
        anna = hub.people.create(admin, agent, name="Anna")["person_id"]
        owner = Context.operator(agent, anna, "owner")
        hub.events.append(owner, said(space, "I like tea", person_id=anna))
        hub.drained(agent)
        assert len(attempts) == 2 and attempts[0] == attempts[1]
        found = hub.memory.list(owner, agent, tier="semantic")["items"]
        assert [memory["content"] for memory in found] == ["Anna likes tea"]


def test_hubs_one_after_the_other_leave_nothing(tmp_path: Path) -> None:
    def resident() -> int:
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    def cycle() -> None:
        sync.Hub.open(tmp_path).shutdown()

    # A long run counts more of them.
    cycles = int(os.environ.get("HUB_CYCLES", "100"))
    for _ in range(cycles * 3 // 10):
        cycle()
    before, running = resident(), threads()
    for _ in range(cycles * 7 // 10):
        cycle()
    print(f"{cycles} cycles: {before} kB, then {resident()} kB, {threads()} threads")
    assert resident() - before < 2_048, "kilobytes"
    assert threads() <= running + 2
