"""What crosses to the native part, as text."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import _native
from ._host import Loop
from .errors import HubError, of
from .tools import Planner, Tool

# Made once: `json.dumps` makes one for every call that is not its own default.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def opening(
    folder: str | os.PathLike[str],
    database_url: str | None,
    settings: Mapping[str, Any] | None,
    workers: Sequence[str] | None,
    tools: Iterable[Tool],
    planner: Planner | None,
    loop: Loop,
) -> tuple[str, list[tuple[str, Any]], tuple[str, str, Any] | None]:
    """What opens a hub: options, tools, planner."""
    options = given(
        folder=os.fspath(folder),
        database_url=database_url,
        settings=dict(settings) if settings is not None else None,
        workers=list(workers) if workers is not None else None,
    )
    code = [(json.dumps(tool.manifest), loop.begin(tool.run)) for tool in tools]
    plans = None if planner is None else (planner.name, planner.version, loop.begin(planner.run))
    return _native.text(options), code, plans


def encoded(value: Any) -> str:
    """What the native part does not write itself. Half a character of UTF-16 is written as it is; the hub refuses it."""
    try:
        return _encode(value)
    except (TypeError, ValueError) as raised:
        raise HubError(f"this cannot be written as JSON: {raised}", code="invalid_json") from None


def register(native: _native.Hub, host: Loop, tool: Tool) -> None:
    """Adds a tool of the host."""
    try:
        native.register(json.dumps(tool.manifest), host.begin(tool.run))
    except _native.NativeError as raised:
        raise of(raised.args[0]) from None
