"""What a call that came to nothing raises."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

Kind = Literal["invalid", "not_found", "conflict", "denied", "unavailable", "limit", "internal"]

KINDS: Final[tuple[Kind, ...]] = (
    "invalid",
    "not_found",
    "conflict",
    "denied",
    "unavailable",
    "limit",
    "internal",
)


class HubError(Exception):
    """Why an operation did not happen.

    `kind` tells what to do, `code` is stable (docs/ERRORS.md lists them), `retryable` whether the same
    call may succeed later; `context` names the `field` at fault and the `limit` that was passed, where
    they are known.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: Kind = "invalid",
        code: str = "host",
        retryable: bool = False,
        context: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.code = code
        self.retryable = retryable
        self.context: dict[str, str] = context or {}

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (str(self), self.kind, self.code, self.retryable, self.context))

    def __repr__(self) -> str:
        return f"HubError({self.code!r}, {str(self)!r})"


def _again(message: str, kind: Kind, code: str, retryable: bool, context: dict[str, str]) -> HubError:
    return HubError(message, kind=kind, code=code, retryable=retryable, context=context)


class Problem(TypedDict):
    """Why an operation did not happen, as the hub says it."""

    kind: Kind
    code: str
    message: str
    retryable: bool
    context: dict[str, str]


def of(problem: Problem) -> HubError:
    """The error that a problem stands for."""
    return HubError(
        problem["message"],
        kind=problem["kind"],
        code=problem["code"],
        retryable=problem["retryable"],
        context=problem["context"],
    )
