"""Runs tools and planners of the host on an event loop, for the threads of the hub."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .errors import HubError
from .tools import Retry


class Reply(Protocol):
    """Takes an answer, once."""

    def ok(self, text: str) -> None: ...

    def fail(self, message: str, retryable: bool) -> None: ...


class Loop:
    """The event loop that code of the host runs on: the caller's, or one in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._thread: threading.Thread | None = None
        if loop is None:
            loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=loop.run_forever, name="hub host", daemon=True)
            self._thread.start()
        self._loop = loop

    def begin(self, run: Callable[[Any], Awaitable[Any]]) -> Callable[[str, Reply], Callable[[], None]]:
        """What the hub calls: begins the work and answers what ends it early."""

        def code(text: str, reply: Reply) -> Callable[[], None]:
            try:
                future = asyncio.run_coroutine_threadsafe(_answer(run, text, reply), self._loop)
            except RuntimeError:
                reply.fail("the event loop of the host is closed", True)
                return _nothing

            def cancel() -> None:
                future.cancel()

            return cancel

        return code

    def close(self) -> None:
        """Ends a loop of our own."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._thread = None


def _nothing() -> None:
    pass


async def _answer(run: Callable[[Any], Awaitable[Any]], text: str, reply: Reply) -> None:
    try:
        answer = json.dumps(await run(json.loads(text)))
    except Retry as raised:
        reply.fail(_said(raised), True)
    except HubError as raised:
        reply.fail(_said(raised), raised.retryable)
    except asyncio.CancelledError:
        reply.fail("the run was cancelled", True)
        raise
    except BaseException as raised:  # noqa: BLE001: whatever the host's code raises belongs to its action
        reply.fail(_said(raised), False)
        # Ctrl-C is for the program. On a loop of our own nobody presses it, and leaving is not for a tool.
        if isinstance(raised, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
    else:
        reply.ok(answer)


def _said(raised: BaseException) -> str:
    name = type(raised).__name__
    try:
        words = str(raised)
    except Exception:  # noqa: BLE001: it may be of the host's own making
        words = ""
    # Half a character is none that crosses.
    words = words.encode("utf-8", "replace").decode("utf-8")
    return f"{name}: {words}" if words else name
