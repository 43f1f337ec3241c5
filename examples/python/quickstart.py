"""A hub inside a program: somebody says something, it is remembered, a reminder is proposed, approved and
set, and the log proves every step. No server, no key, no network."""

import asyncio
import tempfile

from hub_core import Context, Hub, said


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with await Hub.open(folder) as hub:
            admin = Context.admin()
            agent = (await hub.agents.create(admin, name="home"))["agent_id"]
            kitchen = (await hub.spaces.create(admin, agent, name="kitchen"))["space_id"]
            person = (await hub.people.create(admin, agent, name="Anna"))["person_id"]
            anna = Context.operator(agent, person, "owner")

            words = "I am allergic to nuts. Remind me to buy milk tomorrow at 9."
            await hub.events.append(anna, said(kitchen, words, person_id=person))
            await hub.drained(agent)

            for found in (await hub.memory.recall(anna, "what is Anna allergic to?"))["memories"]:
                print("remembered:", found["content"])
            for action in (await hub.actions.list(anna, agent))["items"]:
                print("proposed:  ", action["tool"], action["arguments"])
                await hub.actions.approve(anna, action["action_id"], action["binding_digest"])
                await hub.drained(agent)
                print("now:       ", (await hub.actions.get(anna, action["action_id"]))["state"])
            print("log holds: ", (await hub.audit.verify(admin))["holds"])


asyncio.run(main())
