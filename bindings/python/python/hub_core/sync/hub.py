"""An embedded hub, for programs without an event loop."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, cast

from .. import _calls, _native
from .._host import Loop
from ..context import Context
from ..errors import of
from ..tools import Planner, Tool
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


class Hub:
    """A hub in a folder. `with Hub.open(folder) as hub:` shuts it down at the end."""

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
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        database_url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        workers: Sequence[str] | None = None,
        tools: Iterable[Tool] = (),
        planner: Planner | None = None,
    ) -> Hub:
        """Opens the hub of a folder, with its workers."""
        loop = Loop()
        try:
            arguments = _calls.opening(folder, database_url, settings, workers, tools, planner, loop)
            return cls(_native.Hub.open(*arguments), loop)
        except _native.NativeError as raised:
            loop.close()
            raise of(raised.args[0]) from None
        except BaseException:
            loop.close()
            raise

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()

    def shutdown(self) -> None:
        """Finishes what was accepted, stops the workers and closes the database. Again, it does nothing."""
        self._native.shutdown()
        self._host.close()

    def drained(self, agent_id: str) -> None:
        """Returns when everything that was said is recallable and planned, and what was approved has run."""
        self._call("hub.drained", Context.admin(), arguments={"agent_id": agent_id})

    def version(self) -> str:
        """The version of the hub inside, such as `0.1.0`."""
        return cast(str, self._call("hub.version", Context.admin())["version"])

    def _register(self, tool: Tool) -> None:
        _calls.register(self._native, self._host, tool)

    def _call(
        self,
        operation: str,
        context: Context,
        *,
        arguments: dict[str, Any] | None = None,
        page: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        try:
            return self._native.call(operation, context.text, arguments, page, body)
        except _native.NativeError as raised:
            raise of(raised.args[0]) from None
