"""What goes wrong on purpose: large, hostile, given up, never ending."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from hub_core import Context, Hub, Tool, said, sync, tool
from hub_core.types import Action

ADMIN = Context.admin()


async def household(hub: Hub) -> tuple[Context, str, str]:
    agent = (await hub.agents.create(ADMIN, name="home"))["agent_id"]
    space = (await hub.spaces.create(ADMIN, agent, name="kitchen"))["space_id"]
    anna = (await hub.people.create(ADMIN, agent, name="Anna"))["person_id"]
    return Context.operator(agent, anna, "owner"), agent, space


def run(what: Any) -> Any:
    return asyncio.run(asyncio.wait_for(what, 60))


def test_a_payload_of_100_megabytes_is_refused_and_the_hub_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with await Hub.open(tmp_path) as hub:
            owner, _, space = await household(hub)
            [huge] = await hub.events.append(owner, said(space, "x" * 100_000_000))
            problem = huge.get("problem")
            assert problem is not None and problem["code"] == "payload_too_large"
            [small] = await hub.events.append(owner, said(space, "hello"))
            assert small["status"] == "stored"

    run(story())


def test_a_write_that_is_cancelled_is_whole_or_not_at_all(tmp_path: Path) -> None:
    async def story() -> None:
        async with await Hub.open(tmp_path, workers=[]) as hub:
            owner, agent, space = await household(hub)
            cancelled = 0
            for number in range(200):
                events = [said(space, f"{number}, {part}") for part in range(10)]
                writing = asyncio.create_task(hub.events.append(owner, *events))
                await asyncio.sleep(number % 5 * 0.0004)
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
                cancelled += writing.cancelled()
            assert cancelled > 0
            kept = (await hub.agents.status(ADMIN, agent))["counts"]["events"]
            assert kept % 10 == 0 and kept >= (200 - cancelled) * 10
            assert (await hub.audit.verify(ADMIN))["holds"]

    run(story())


def waiting() -> int:
    """Calls that the hub still holds the callback of."""
    functions = (thing for thing in gc.get_objects() if isinstance(thing, FunctionType))
    return sum(function.__qualname__ == "Hub._call.<locals>.done" for function in functions)


def test_a_wait_that_is_given_up_ends_in_the_hub_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with await Hub.open(tmp_path) as hub:
            owner, agent, space = await household(hub)

            async def follow() -> None:
                async for _ in hub.events.follow(owner, space):
                    pass

            following = [asyncio.create_task(follow()) for _ in range(200)]
            while waiting() < 200:
                await asyncio.sleep(0.01)
            assert all([task.cancel() for task in following])
            ended = await asyncio.gather(*following, return_exceptions=True)
            assert all(isinstance(outcome, asyncio.CancelledError) for outcome in ended)
            del following, ended
            # Each way into the hub lets go of what its threads have dropped.
            while waiting() > 1:
                await hub.version()
                await asyncio.sleep(0.01)
                gc.collect()
            await hub.drained(agent)

    run(asyncio.wait_for(story(), 8))


def test_two_loops_share_a_hub(tmp_path: Path) -> None:
    async def speak(hub: Hub, owner: Context, space: str) -> None:
        for number in range(20):
            [stored] = await hub.events.append(owner, said(space, f"sentence {number}"))
            assert stored["status"] == "stored"

    async def story() -> None:
        async with await Hub.open(tmp_path) as hub:
            owner, agent, space = await household(hub)
            elsewhere = asyncio.to_thread(lambda: run(speak(hub, owner, space)))
            await asyncio.gather(elsewhere, speak(hub, owner, space))
            assert (await hub.agents.status(ADMIN, agent))["counts"]["events"] == 40

    run(story())


def ran(hub: sync.Hub, code: Tool) -> Action:
    """The end of an approved action of a tool without arguments."""
    hub.tools.register(code)
    agent = hub.agents.create(ADMIN, name="home")["agent_id"]
    space = hub.spaces.create(ADMIN, agent, name="hall")["space_id"]
    owner = Context.operator(agent, hub.people.create(ADMIN, agent, name="Anna")["person_id"], "owner")
    name = code.manifest["name"]
    action = hub.actions.propose(owner, agent, space_id=space, tool=name, arguments={})
    hub.actions.approve(owner, action["action_id"], action["binding_digest"])
    hub.drained(agent)
    return hub.actions.get(owner, action["action_id"])


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def raising(what: BaseException) -> Callable[[], Any]:
    def code() -> Any:
        raise what

    return code


def leaving() -> Callable[[], Any]:
    async def code() -> Any:
        raise SystemExit(3)

    return code


def circle() -> Any:
    items: list[Any] = []
    items.append(items)
    return items


HOSTILE: dict[str, Callable[[], Any]] = {
    "leaves": raising(SystemExit(3)),
    "leaves on the loop": leaving(),
    "presses Ctrl-C": raising(KeyboardInterrupt()),
    "has no words": raising(Mute()),
    "says half a character": raising(ValueError("half \ud83d")),
    "says NUL": raising(ValueError("a\0b")),
    "answers no number": lambda: {"percent": math.nan},
    "answers half a character": lambda: "\ud83d",
    "answers a circle": circle,
    "answers what is no JSON": object,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_tool_fails_its_action_and_nothing_else(what: str, tmp_path: Path) -> None:
    with sync.Hub.open(tmp_path) as hub:
        bad = tool(name="test.bad", description="A test.", input_schema={}, timeout_seconds=5)(HOSTILE[what])
        ended = ran(hub, bad)
        assert ended["state"] in ("failed", "unknown")
        problem = ended.get("problem")
        assert problem is not None and problem["code"] == "tool_failed"
        good = tool(name="test.good", description="A test.", input_schema={})(lambda: "well")
        assert ran(hub, good).get("result") == "well"


def test_a_tool_that_never_ends_is_cancelled_when_its_time_is_over(tmp_path: Path) -> None:
    told: list[str] = []

    @tool(name="test.never", timeout_seconds=1)
    async def never() -> None:
        """Waits."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    with sync.Hub.open(tmp_path) as hub:
        assert ran(hub, never)["state"] in ("failed", "unknown")
    assert told == ["cancelled"]
