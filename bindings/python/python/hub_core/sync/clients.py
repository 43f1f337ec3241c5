"""The sub-clients of a hub. Made from `hub_core/clients.py`: do not change it here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from ..context import Context, Role
from ..tools import Tool
from ..types import (
    Action,
    ActionState,
    Agent,
    AuditCheckpoint,
    AuditEntry,
    Consent,
    ConsentKind,
    DeadLetter,
    DeadLetterReplayed,
    Device,
    DeviceCreated,
    DeviceRotated,
    Event,
    EventResult,
    EventsAnswer,
    EventType,
    Memory,
    NewEvent,
    Page,
    Person,
    PlannerKind,
    Presence,
    PresenceState,
    RecallAnswer,
    Report,
    Scope,
    Space,
    Status,
    Tier,
    Token,
    TokenCreated,
)
from ..types import Tool as ToolShape


class Caller(Protocol):
    """Whoever carries calls to the hub."""

    def _call(
        self,
        operation: str,
        context: Context,
        *,
        arguments: dict[str, Any] | None = None,
        page: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any: ...

    def _register(self, tool: Tool) -> None: ...


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class _Client:
    def __init__(self, hub: Caller) -> None:
        self._hub = hub


class Agents(_Client):
    """Agents: the islands that everything belongs to."""

    def create(
        self, context: Context, *, name: str, language: str | None = None, planner: PlannerKind | None = None
    ) -> Agent:
        """Makes an agent."""
        body = _given(name=name, language=language, planner=planner)
        return cast(Agent, self._hub._call("agents.create", context, body=body))

    def get(self, context: Context, agent_id: str) -> Agent:
        """Shows one."""
        return cast(Agent, self._hub._call("agents.get", context, arguments={"agent_id": agent_id}))

    def list(self, context: Context, *, limit: int | None = None, cursor: str | None = None) -> Page[Agent]:
        """Shows a page of them."""
        page = _given(limit=limit, cursor=cursor)
        return cast("Page[Agent]", self._hub._call("agents.list", context, page=page))

    def update(
        self,
        context: Context,
        agent_id: str,
        *,
        name: str | None = None,
        language: str | None = None,
        planner: PlannerKind | None = None,
    ) -> Agent:
        """Changes what is given."""
        body = _given(name=name, language=language, planner=planner)
        answer = self._hub._call("agents.update", context, arguments={"agent_id": agent_id}, body=body)
        return cast(Agent, answer)

    def delete(self, context: Context, agent_id: str) -> None:
        """Deletes it with everything that belongs to it, its log apart."""
        self._hub._call("agents.delete", context, arguments={"agent_id": agent_id})

    def status(self, context: Context, agent_id: str) -> Status:
        """Queues, log and counts."""
        return cast(Status, self._hub._call("agents.status", context, arguments={"agent_id": agent_id}))


class Spaces(_Client):
    """Spaces and their privacy."""

    def create(
        self, context: Context, agent_id: str, *, name: str, privacy_mode: bool | None = None
    ) -> Space:
        """Makes a space."""
        body = _given(name=name, privacy_mode=privacy_mode)
        answer = self._hub._call("spaces.create", context, arguments={"agent_id": agent_id}, body=body)
        return cast(Space, answer)

    def get(self, context: Context, space_id: str) -> Space:
        """Shows one."""
        return cast(Space, self._hub._call("spaces.get", context, arguments={"space_id": space_id}))

    def list(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Space]:
        """Shows a page of them."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("spaces.list", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[Space]", answer)

    def update(
        self, context: Context, space_id: str, *, name: str | None = None, privacy_mode: bool | None = None
    ) -> Space:
        """Changes what is given. While a space is private nothing said there is kept."""
        body = _given(name=name, privacy_mode=privacy_mode)
        answer = self._hub._call("spaces.update", context, arguments={"space_id": space_id}, body=body)
        return cast(Space, answer)

    def delete(self, context: Context, space_id: str) -> None:
        """Deletes it with what was said there."""
        self._hub._call("spaces.delete", context, arguments={"space_id": space_id})


class People(_Client):
    """People."""

    def create(self, context: Context, agent_id: str, *, name: str) -> Person:
        """Makes a person known."""
        answer = self._hub._call(
            "people.create", context, arguments={"agent_id": agent_id}, body={"name": name}
        )
        return cast(Person, answer)

    def get(self, context: Context, person_id: str) -> Person:
        """Shows one."""
        return cast(Person, self._hub._call("people.get", context, arguments={"person_id": person_id}))

    def list(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Person]:
        """Shows a page of them."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("people.list", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[Person]", answer)

    def update(self, context: Context, person_id: str, *, name: str | None = None) -> Person:
        """Changes what is given."""
        body = _given(name=name)
        answer = self._hub._call("people.update", context, arguments={"person_id": person_id}, body=body)
        return cast(Person, answer)

    def delete(self, context: Context, person_id: str) -> None:
        """Forgets a person with everything that came from them."""
        self._hub._call("people.delete", context, arguments={"person_id": person_id})


class Devices(_Client):
    """Satellites."""

    def create(
        self, context: Context, agent_id: str, *, name: str, scopes: Sequence[Scope]
    ) -> DeviceCreated:
        """Makes a device; its token is shown this once."""
        body = {"name": name, "scopes": list(scopes)}
        answer = self._hub._call("devices.create", context, arguments={"agent_id": agent_id}, body=body)
        return cast(DeviceCreated, answer)

    def get(self, context: Context, device_id: str) -> Device:
        """Shows one."""
        return cast(Device, self._hub._call("devices.get", context, arguments={"device_id": device_id}))

    def list(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Device]:
        """Shows a page of them."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("devices.list", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[Device]", answer)

    def update(
        self, context: Context, device_id: str, *, name: str | None = None, scopes: Sequence[Scope] | None = None
    ) -> Device:
        """Changes what is given; scopes are all that it may do from now on."""
        body = _given(name=name, scopes=None if scopes is None else list(scopes))
        answer = self._hub._call("devices.update", context, arguments={"device_id": device_id}, body=body)
        return cast(Device, answer)

    def rotate(self, context: Context, device_id: str) -> DeviceRotated:
        """Gives it another token, shown this once; the former one stops working."""
        answer = self._hub._call("devices.rotate", context, arguments={"device_id": device_id})
        return cast(DeviceRotated, answer)

    def revoke(self, context: Context, device_id: str) -> Device:
        """Ends its token."""
        answer = self._hub._call("devices.revoke", context, arguments={"device_id": device_id})
        return cast(Device, answer)


class Tokens(_Client):
    """Tokens of people and of other programs. `Context.token` is whoever stands behind one."""

    def create(
        self,
        context: Context,
        agent_id: str,
        *,
        person_id: str | None = None,
        role: Role | None = None,
        name: str | None = None,
        scopes: Sequence[Scope] | None = None,
        spaces: Sequence[str] | None = None,
        expires_at: str | None = None,
    ) -> TokenCreated:
        """Makes a token, shown this once.

        For a person with `person_id` and `role`; for another program with `name`, `scopes`, `spaces` and `expires_at`.
        """
        body = _given(
            kind="delegate" if person_id is None else "operator",
            person_id=person_id,
            role=role,
            name=name,
            scopes=None if scopes is None else list(scopes),
            spaces=None if spaces is None else list(spaces),
            expires_at=expires_at,
        )
        answer = self._hub._call("tokens.create", context, arguments={"agent_id": agent_id}, body=body)
        return cast(TokenCreated, answer)

    def list(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Token]:
        """Shows a page of them, without their secrets."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("tokens.list", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[Token]", answer)

    def revoke(self, context: Context, token_id: str) -> None:
        """Ends one."""
        self._hub._call("tokens.revoke", context, arguments={"token_id": token_id})


class Presences(_Client):
    """Who is where."""

    def report(
        self, context: Context, space_id: str, *, state: PresenceState, person_id: str | None = None
    ) -> Presence:
        """Reports who is in a space, or has left it: the caller unless somebody is named."""
        body = _given(state=state, person_id=person_id)
        answer = self._hub._call("presence.report", context, arguments={"space_id": space_id}, body=body)
        return cast(Presence, answer)

    def list(self, context: Context, space_id: str) -> Page[Presence]:
        """Shows what was reported of a space and still counts."""
        answer = self._hub._call("presence.list", context, arguments={"space_id": space_id})
        return cast("Page[Presence]", answer)


class Planners(_Client):
    """Work that was given up."""

    def dead_letters(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[DeadLetter]:
        """Shows a page of it."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("planner.dead_letters", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[DeadLetter]", answer)

    def replay(self, context: Context, dead_letter_id: str) -> DeadLetterReplayed:
        """Has it tried again, with all its attempts."""
        arguments = {"dead_letter_id": dead_letter_id}
        return cast(DeadLetterReplayed, self._hub._call("planner.replay", context, arguments=arguments))


class Consents(_Client):
    """What people consent to."""

    def grant(
        self, context: Context, person_id: str, *, kind: ConsentKind, expires_at: str | None = None
    ) -> Consent:
        """Records a grant."""
        body = _given(kind=kind, expires_at=expires_at)
        answer = self._hub._call("consent.grant", context, arguments={"person_id": person_id}, body=body)
        return cast(Consent, answer)

    def list(
        self, context: Context, person_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Consent]:
        """Shows a page of a person's grants."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("consent.list", context, arguments={"person_id": person_id}, page=page)
        return cast("Page[Consent]", answer)

    def revoke(self, context: Context, consent_id: str) -> None:
        """Ends a grant and erases what rested on it."""
        self._hub._call("consent.revoke", context, arguments={"consent_id": consent_id})


class Events(_Client):
    """What happened."""

    def append(self, context: Context, *events: NewEvent) -> list[EventResult]:
        """Stores events, and answers what became of each. What it calls stored is on the disk."""
        answer = self._hub._call("events.append", context, body={"events": events})
        return cast(EventsAnswer, answer)["results"]

    def list(
        self, context: Context, space_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Event]:
        """Shows a page of a space's events, in the order in which they were stored."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("events.list", context, arguments={"space_id": space_id}, page=page)
        return cast("Page[Event]", answer)

    def forget(self, context: Context, event_id: str) -> None:
        """Forgets an event and everything that was derived from it."""
        self._hub._call("events.forget", context, arguments={"event_id": event_id})

    def end(self, context: Context, space_id: str) -> str:
        """The cursor behind the newest event."""
        answer = self._hub._call("events.end", context, arguments={"space_id": space_id})
        return cast(str, answer["cursor"])

    def put_type(self, context: Context, agent_id: str, name: str, schema: Mapping[str, Any]) -> EventType:
        """Registers a type of events, `custom.` and a name, or replaces the schema of their payloads."""
        arguments = {"agent_id": agent_id, "type": name}
        answer = self._hub._call("events.put_type", context, arguments=arguments, body={"schema": dict(schema)})
        return cast(EventType, answer)

    def get_type(self, context: Context, agent_id: str, name: str) -> EventType:
        """Shows a registered type."""
        arguments = {"agent_id": agent_id, "type": name}
        return cast(EventType, self._hub._call("events.get_type", context, arguments=arguments))

    def list_types(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[EventType]:
        """Shows a page of the registered types."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("events.list_types", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[EventType]", answer)

    def follow(
        self, context: Context, space_id: str, *, cursor: str | None = None
    ) -> Iterator[tuple[Event, str]]:
        """Events as they happen, each with the cursor behind it: whoever was away goes on there.

        Without a cursor it begins with the oldest event; `end()` gives the one for what comes from now on.
        """
        while True:
            arguments, page = {"space_id": space_id}, _given(cursor=cursor, limit=1)
            found = self._hub._call("events.follow", context, arguments=arguments, page=page)
            cursor = cast(str, found["next_cursor"])
            for event in found["items"]:
                yield event, cursor


class Memories(_Client):
    """What is remembered."""

    def recall(
        self,
        context: Context,
        query: str,
        *,
        k: int | None = None,
        space_id: str | None = None,
        person_id: str | None = None,
        tiers: Sequence[Tier] | None = None,
        as_of: str | None = None,
        budget_tokens: int | None = None,
    ) -> RecallAnswer:
        """What is remembered that answers a question, and why each was found."""
        body = _given(
            query=query,
            k=k,
            space_id=space_id,
            person_id=person_id,
            tiers=list(tiers) if tiers is not None else None,
            as_of=as_of,
            budget_tokens=budget_tokens,
        )
        return cast(RecallAnswer, self._hub._call("memory.recall", context, body=body))

    def get(self, context: Context, memory_id: str) -> Memory:
        """Shows one."""
        return cast(Memory, self._hub._call("memory.get", context, arguments={"memory_id": memory_id}))

    def list(
        self,
        context: Context,
        agent_id: str,
        *,
        tier: Tier | None = None,
        space_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """Shows a page of them."""
        arguments = _given(agent_id=agent_id, tier=tier, space_id=space_id)
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("memory.list", context, arguments=arguments, page=page)
        return cast("Page[Memory]", answer)

    def note(
        self, context: Context, agent_id: str, *, space_id: str, content: str, person_id: str | None = None
    ) -> Memory:
        """Writes a memory by hand."""
        body = _given(space_id=space_id, content=content, person_id=person_id)
        answer = self._hub._call("memory.note", context, arguments={"agent_id": agent_id}, body=body)
        return cast(Memory, answer)

    def edit(self, context: Context, memory_id: str, content: str) -> Memory:
        """Corrects a memory."""
        arguments, body = {"memory_id": memory_id}, {"content": content}
        return cast(Memory, self._hub._call("memory.edit", context, arguments=arguments, body=body))

    def forget(self, context: Context, memory_id: str) -> None:
        """Forgets a memory."""
        self._hub._call("memory.forget", context, arguments={"memory_id": memory_id})


class Actions(_Client):
    """Proposed side effects."""

    def propose(
        self,
        context: Context,
        agent_id: str,
        *,
        space_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        reason: str | None = None,
        action_id: str | None = None,
    ) -> Action:
        """Proposes a run of a tool. Nothing runs before a person approves it."""
        body = _given(
            space_id=space_id, tool=tool, arguments=dict(arguments), reason=reason, action_id=action_id
        )
        answer = self._hub._call("actions.propose", context, arguments={"agent_id": agent_id}, body=body)
        return cast(Action, answer)

    def get(self, context: Context, action_id: str) -> Action:
        """Shows one."""
        return cast(Action, self._hub._call("actions.get", context, arguments={"action_id": action_id}))

    def list(
        self,
        context: Context,
        agent_id: str,
        *,
        state: ActionState | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Action]:
        """Shows a page of them."""
        arguments, page = _given(agent_id=agent_id, state=state), _given(limit=limit, cursor=cursor)
        answer = self._hub._call("actions.list", context, arguments=arguments, page=page)
        return cast("Page[Action]", answer)

    def approve(self, context: Context, action_id: str, binding_digest: str) -> Action:
        """Approves exactly what was shown: `binding_digest` is that of the action that the person saw."""
        arguments, body = {"action_id": action_id}, {"binding_digest": binding_digest}
        return cast(Action, self._hub._call("actions.approve", context, arguments=arguments, body=body))

    def reject(self, context: Context, action_id: str, *, reason: str | None = None) -> Action:
        """Rejects it."""
        arguments, body = {"action_id": action_id}, _given(reason=reason)
        return cast(Action, self._hub._call("actions.reject", context, arguments=arguments, body=body))

    def cancel(self, context: Context, action_id: str) -> Action:
        """Takes a proposal back."""
        return cast(Action, self._hub._call("actions.cancel", context, arguments={"action_id": action_id}))

    def resolve(self, context: Context, action_id: str, *, happened: bool) -> Action:
        """Says of an action whose outcome is unknown whether it happened."""
        arguments, body = {"action_id": action_id}, {"outcome": "done" if happened else "failed"}
        return cast(Action, self._hub._call("actions.resolve", context, arguments=arguments, body=body))


class Tools(_Client):
    """What can execute an action."""

    def list(self, context: Context, agent_id: str) -> Page[ToolShape]:
        """Shows them."""
        answer = self._hub._call("tools.list", context, arguments={"agent_id": agent_id})
        return cast("Page[ToolShape]", answer)

    def register(self, tool: Tool) -> None:
        """Adds a tool of this program."""
        self._hub._register(tool)


class Audit(_Client):
    """The log."""

    def entries(
        self, context: Context, agent_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[AuditEntry]:
        """Shows a page of an agent's log."""
        page = _given(limit=limit, cursor=cursor)
        answer = self._hub._call("audit.entries", context, arguments={"agent_id": agent_id}, page=page)
        return cast("Page[AuditEntry]", answer)

    def checkpoint(self, context: Context, agent_id: str) -> AuditCheckpoint:
        """Where an agent's log ends."""
        answer = self._hub._call("audit.checkpoint", context, arguments={"agent_id": agent_id})
        return cast(AuditCheckpoint, answer)

    def verify(self, context: Context) -> Report:
        """Verifies every log."""
        return cast(Report, self._hub._call("audit.verify", context))
