"""Makes `hub_core/sync/clients.py` of `hub_core/clients.py`; with --check, only says whether it is so."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "python" / "hub_core"
MADE = PACKAGE / "sync" / "clients.py"


def made() -> str:
    """The synchronous clients."""
    text = (PACKAGE / "clients.py").read_text("utf-8")
    first, rest = text.split("\n", 1)
    text = '"""The sub-clients of a hub. Made from `hub_core/clients.py`: do not change it here."""\n' + rest
    text = text.replace("async def ", "def ").replace("await ", "").replace("AsyncIterator", "Iterator")
    return re.sub(r"from \.(\w+) import", r"from ..\1 import", text)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if MADE.read_text("utf-8") == made() else "sync/clients.py is not made from clients.py")
    MADE.write_text(made(), "utf-8")
