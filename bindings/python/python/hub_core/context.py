"""Who calls: the first argument of every operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .types import Scope

Role = Literal["owner", "member", "guest"]


@dataclass(frozen=True)
class Context:
    """A caller. A program that embeds the hub is trusted to say who calls."""

    caller: dict[str, Any]

    @classmethod
    def admin(cls) -> Context:
        """Creates agents and what belongs to them; reads no content, approves nothing."""
        return cls({"kind": "admin"})

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
