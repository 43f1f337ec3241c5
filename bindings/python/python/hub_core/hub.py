"""An embedded hub, for programs with an event loop. `hub_core.sync` is the same without one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, cast

from . import _calls, _native
from ._host import Loop
from .clients import (
    Actions,
    Agents,
    Audit,
    Consents,
    Devices,
    Events,
    Memories,
    People,
    Planners,
    Presences,
    Spaces,
    Tokens,
    Tools,
)
from .context import Context
from .errors import of
from .tools import Planner, Tool


class Hub:
    """A hub in a folder. `async with await Hub.open(folder) as hub:` shuts it down at the end."""

    def __init__(self, native: _native.Hub, loop: Loop) -> None:
        self._native = native
        self._host = loop
        self.agents: Agents = Agents(self)
        self.spaces: Spaces = Spaces(self)
        self.people: People = People(self)
        self.devices: Devices = Devices(self)
        self.tokens: Tokens = Tokens(self)
        self.consent: Consents = Consents(self)
        self.presence: Presences = Presences(self)
        self.events: Events = Events(self)
        self.memory: Memories = Memories(self)
        self.actions: Actions = Actions(self)
        self.planner: Planners = Planners(self)
        self.tools: Tools = Tools(self)
        self.audit: Audit = Audit(self)

    @classmethod
    async def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        database_url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        workers: Sequence[str] | None = None,
        tools: Iterable[Tool] = (),
        planner: Planner | None = None,
    ) -> Hub:
        """Opens the hub of a folder, with its workers. Tools and planner run on this event loop."""
        loop = Loop(asyncio.get_running_loop())
        arguments = _calls.opening(folder, database_url, settings, workers, tools, planner, loop)
        try:
            native = await asyncio.to_thread(_native.Hub.open, *arguments)
        except _native.NativeError as raised:
            raise of(raised.args[0]) from None
        return cls(native, loop)

    async def __aenter__(self) -> Hub:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.shutdown()

    async def shutdown(self) -> None:
        """Finishes what was accepted, stops the workers and closes the database. Again, it does nothing."""
        await asyncio.to_thread(self._native.shutdown)
        self._host.close()

    async def drained(self, agent_id: str) -> None:
        """Returns when everything that was said is recallable and planned, and what was approved has run."""
        await self._call("hub.drained", Context.admin(), arguments={"agent_id": agent_id})

    async def version(self) -> str:
        """The version of the hub inside, such as `0.1.0`."""
        return cast(str, (await self._call("hub.version", Context.admin()))["version"])

    def _register(self, tool: Tool) -> None:
        _calls.register(self._native, self._host, tool)

    async def _call(
        self,
        operation: str,
        context: Context,
        *,
        arguments: dict[str, Any] | None = None,
        page: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()

        def settle(succeeded: bool, outcome: Any) -> None:
            if answer.done():
                return
            if succeeded:
                answer.set_result(outcome)
            else:
                answer.set_exception(of(outcome))

        def done(succeeded: bool, outcome: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, succeeded, outcome)

        try:
            begun = self._native.start(operation, context.text, arguments, page, body, done)
        except _native.NativeError as raised:
            raise of(raised.args[0]) from None
        if isinstance(begun, tuple):
            # It needed no waiting: a turn of the loop would cost more than the call.
            succeeded, outcome = begun
            if not succeeded:
                raise of(outcome)
            return outcome
        try:
            return await answer
        except asyncio.CancelledError:
            begun.cancel()
            raise
