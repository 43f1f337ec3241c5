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
    at = _native.now() if occurred_at is None else _written(occurred_at)
    event: NewEvent = {
        "event_id": event_id or _native.new_id(),
        "space_id": space_id,
        "type": "transcript_chunk",
        "occurred_at": at,
        "payload": {"text": text, "role": "user"},
    }
    if person_id is not None:
        event["person_id"] = person_id
    return event


def _written(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
