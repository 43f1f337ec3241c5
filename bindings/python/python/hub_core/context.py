"""Who calls: the first argument of every operation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from .types import Scope

Role = Literal["owner", "member", "guest"]


@dataclass(frozen=True)
class Context:
    """A caller. A program that embeds the hub is trusted to say who calls."""

    caller: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """The caller as JSON, which crosses with every call."""
        return json.dumps(self.caller, separators=(",", ":"))

    @classmethod
    def admin(cls) -> Context:
        """Creates agents and what belongs to them; reads no content, approves nothing."""
        return _ADMIN

    @classmethod
    def operator(cls, agent_id: str, person_id: str, role: Role) -> Context:
        """A person with a role."""
        return cls({"kind": "operator", "agent_id": agent_id, "person_id": person_id, "role": role})

    @classmethod
    def device(cls, agent_id: str, device_id: str, scopes: Sequence[Scope]) -> Context:
        """A satellite with scopes."""
        return cls(
            {"kind": "device", "agent_id": agent_id, "device_id": device_id, "scopes": list(scopes)}
        )

    @classmethod
    def token(cls, token: str) -> Context:
        """Whoever stands behind a token of the hub."""
        return cls({"kind": "token", "token": token})


# There is but one, whose text is written once.
_ADMIN = Context({"kind": "admin"})
