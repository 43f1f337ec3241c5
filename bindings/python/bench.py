"""What the crossing costs in Python; the benchmark `bindings` reads the document that this writes."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time

BEGAN = time.perf_counter()
import hub_core  # noqa: E402

LOAD = (time.perf_counter() - BEGAN) * 1e3

from hub_core import Context, Hub, said, sync  # noqa: E402

ADMIN = Context.admin()


async def calls(folder: str, count: int) -> dict[str, float]:
    """A call that does nothing: there and back."""
    with sync.Hub.open(folder, workers=[]) as hub:
        for _ in range(2):
            start = time.perf_counter()
            for _ in range(count):
                hub.version()
        plain = (time.perf_counter() - start) * 1e6 / count
    async with await Hub.open(folder, workers=[]) as later:
        for _ in range(2):
            start = time.perf_counter()
            for _ in range(count):
                await later.version()
        waited = (time.perf_counter() - start) * 1e6 / count
    return {"sync": plain, "async": waited}


async def ingest(folder: str, batches: int, size: int, beside: int) -> dict[str, float]:
    """Events a second, so many batches under way at once."""
    async with await Hub.open(folder, workers=[]) as hub:
        agent = (await hub.agents.create(ADMIN, name="home"))["agent_id"]
        space = (await hub.spaces.create(ADMIN, agent, name="kitchen"))["space_id"]
        anna = (await hub.people.create(ADMIN, agent, name="Anna"))["person_id"]
        owner = Context.operator(agent, anna, "owner")
        left = iter(range(batches))

        async def send() -> None:
            for _ in left:
                events = [said(space, f"this is sentence {number}") for number in range(size)]
                for result in await hub.events.append(owner, *events):
                    assert result["status"] == "stored", result

        start = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(beside)))
        return {"events": batches * size / (time.perf_counter() - start)}


async def main() -> None:
    mode, numbers = sys.argv[1], [int(number) for number in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        if mode == "load":
            measured = {"load": LOAD}
        elif mode == "calls":
            measured = await calls(folder, *numbers)
        else:
            measured = await ingest(folder, *numbers)
    print(json.dumps(measured))


asyncio.run(main())
