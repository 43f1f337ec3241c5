"""The hub without an event loop: the same names, and every call waits for its answer.

    with Hub.open("home") as hub:
        agent = hub.agents.create(Context.admin(), name="home")

Tools and planners run on an event loop in a thread of its own.
"""

from .hub import Hub

__all__ = ["Hub"]
