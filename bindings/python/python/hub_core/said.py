"""Events that are often sent."""

from __future__ import annotations

from datetime import datetime, timezone

from . import _native
from .types import NewEvent


def said(
    space_id: str,
    text: str,
    *,
    person_id: str | None = None,
    event_id: str | None = None,
    occurred_at: datetime | None = None,
) -> NewEvent:
    """Something that a person said, now and under a new id unless told otherwise."""
    at = None if occurred_at is None else _written(occurred_at)
    return _native.said(space_id, text, person_id, event_id or None, at)


def _written(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
