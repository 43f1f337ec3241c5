"""One hub of two on a database: it has the tool `python.greet`, and tells what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from hub_core import Context, Hub, tool

ACTIONS = 10


@tool(name="python.greet")
def greet(number: int) -> dict[str, Any]:
    """Says which process ran it."""
    return {"number": number, "process": os.getpid()}


async def main(folder: str, database_url: str) -> None:
    async with await Hub.open(folder, database_url=database_url, tools=[greet]) as hub:
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        admin = Context.admin()
        agent = (await hub.agents.create(admin, name="python"))["agent_id"]
        space = (await hub.spaces.create(admin, agent, name="hall"))["space_id"]
        anna = (await hub.people.create(admin, agent, name="Anna"))["person_id"]
        owner = Context.operator(agent, anna, "owner")
        for number in range(ACTIONS):
            arguments = {"number": number}
            action = await hub.actions.propose(
                owner, agent, space_id=space, tool="python.greet", arguments=arguments
            )
            await hub.actions.approve(owner, action["action_id"], action["binding_digest"])
        await hub.drained(agent)
        done = (await hub.actions.list(owner, agent, state="done"))["items"]
        print(json.dumps({"process": os.getpid(), "results": [action.get("result") for action in done]}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)


asyncio.run(main(*sys.argv[1:]))
