from collections.abc import Callable
from typing import Any

from .types import NewEvent

class NativeError(Exception): ...

class Pending:
    def cancel(self) -> None: ...

class Reply:
    def ok(self, text: str) -> None: ...
    def fail(self, message: str, retryable: bool) -> None: ...
    def is_gone(self) -> bool: ...

class Hub:
    @staticmethod
    def open(
        options: str, tools: list[tuple[str, Any]], planner: tuple[str, str, Any] | None
    ) -> Hub: ...
    def call(
        self,
        operation: str,
        caller: str,
        arguments: dict[str, Any] | None,
        page: dict[str, Any] | None,
        body: Any,
    ) -> Any: ...
    def start(
        self,
        operation: str,
        caller: str,
        arguments: dict[str, Any] | None,
        page: dict[str, Any] | None,
        body: Any,
        done: Callable[[bool, Any], None],
    ) -> Pending | tuple[bool, Any]: ...
    def register(self, manifest: str, code: Any) -> None: ...
    def shutdown(self) -> None: ...

def operations() -> list[str]: ...
def text(value: Any) -> str: ...
def said(
    space_id: str, text: str, person_id: str | None, event_id: str | None, occurred_at: str | None
) -> NewEvent: ...
