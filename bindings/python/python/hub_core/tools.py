"""Tools and planners that are written in Python."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from . import _schema
from .types import Effect, Scope


class ToolCall(TypedDict):
    """One run of a tool: an approved action, as it was approved."""

    agent_id: str
    space_id: str
    action_id: str
    arguments: dict[str, Any]
    attempt: int
    idempotency_key: str


class Retry(Exception):
    """Raised by a planner when trying again later can help. What a tool raises ends its action."""


@dataclass(frozen=True)
class Tool:
    """A function, and what it says of itself."""

    function: Callable[..., Any]
    manifest: dict[str, Any]
    models: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Calls the function itself, as a test does."""
        return self.function(*arguments, **named)

    async def run(self, call: ToolCall) -> Any:
        """Runs an approved action: its arguments by name, and `call` where the function takes it."""
        named = {name: self._read(name, value) for name, value in call["arguments"].items()}
        if "call" in inspect.signature(self.function).parameters:
            named["call"] = call
        return await _outcome(self.function, named)

    def _read(self, name: str, value: Any) -> Any:
        model = self.models.get(name)
        return value if model is None else model.model_validate(value)


async def _outcome(function: Callable[..., Any], named: dict[str, Any]) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(**named)
    import asyncio

    return await asyncio.to_thread(function, **named)


def tool(
    *,
    name: str | None = None,
    version: str = "1.0.0",
    description: str | None = None,
    input_schema: dict[str, Any] | None = None,
    effect: Effect = "external",
    scopes: Sequence[Scope] = (),
    timeout_seconds: int = 30,
    idempotent: bool = False,
) -> Callable[[Callable[..., Any]], Tool]:
    """Makes a tool of a function, plain or async.

    Without `input_schema` the schema comes from the type hints of its parameters: the plain types,
    `list`, `dict`, `Literal`, unions, and models of pydantic. Without `description` the first line of the
    doc string is taken. A plain function runs in a thread of its own.
    """

    def make(function: Callable[..., Any]) -> Tool:
        said = description or (inspect.getdoc(function) or "").split("\n")[0]
        schema, models = (input_schema, {}) if input_schema is not None else _schema.of_parameters(function)
        manifest = {
            "name": name or function.__name__,
            "version": version,
            "description": said,
            "input_schema": schema,
            "effect": effect,
            "scopes": list(scopes),
            "timeout_seconds": timeout_seconds,
            "idempotent": idempotent,
        }
        return Tool(function, manifest, models)

    return make


@dataclass(frozen=True)
class Planner:
    """A function that reads a window of talk and proposes, under a name and a version."""

    function: Callable[[dict[str, Any]], Any]
    name: str
    version: str

    def __call__(self, window: dict[str, Any]) -> Any:
        """Calls the function itself, as a test does."""
        return self.function(window)

    async def run(self, window: dict[str, Any]) -> Any:
        """Plans one window."""
        return await _outcome(self.function, {next(iter(inspect.signature(self.function).parameters)): window})


PlannerFunction = Callable[[dict[str, Any]], "Awaitable[dict[str, Any]] | dict[str, Any]"]


def planner(*, name: str, version: str) -> Callable[[PlannerFunction], Planner]:
    """Makes a planner of a function that takes a window and answers `memories` and `actions`.

    Change `version` whenever the same window may yield another plan.
    """

    def make(function: PlannerFunction) -> Planner:
        return Planner(function, name, version)

    return make
