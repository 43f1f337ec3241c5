"""The hub for agents that live with people, embedded: identity, memory, consent, policy, and a log.

    async with await Hub.open("home") as hub:
        agent = await hub.agents.create(Context.admin(), name="home")

Everything that an operation answers is a dict of the shapes in `hub_core.types`; what goes wrong raises
`HubError` with a stable `code`.
"""

from .context import Context, Role
from .errors import HubError, Kind
from .hub import Hub
from .said import said
from .tools import Planner, Retry, Tool, ToolCall, planner, tool

__all__ = [
    "Context",
    "Hub",
    "HubError",
    "Kind",
    "Planner",
    "Retry",
    "Role",
    "Tool",
    "ToolCall",
    "planner",
    "said",
    "tool",
]
