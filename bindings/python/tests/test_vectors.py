"""The golden vectors, through the native part as every language runs them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub_core import HubError, _native
from hub_core.errors import of

VECTORS = Path(os.environ["HUB_VECTORS"])


def filled(value: Any, saved: dict[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        name, field = value[1:].split(".")
        return saved[name][field]
    if isinstance(value, list):
        return [filled(item, saved) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, saved) for name, item in value.items()}
    return value


def check(expected: Any, found: Any, saved: dict[str, Any], at: str) -> None:
    if isinstance(expected, str) and expected.startswith("$"):
        known: dict[str, Callable[[], bool]] = {
            "$any": lambda: True,
            "$text": lambda: isinstance(found, str) and found != "",
            "$uuid": lambda: isinstance(found, str) and len(found) == 36,
            "$time": lambda: isinstance(found, str) and found.endswith("Z"),
            "$digest": lambda: isinstance(found, str) and found.startswith("sha256:") and len(found) == 71,
        }
        holds = known.get(expected, lambda: bool(found == filled(expected, saved)))
        assert holds(), f"{at}: expected {expected}, found {found}"
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), f"{at}: {found}"
        for index, (item, other) in enumerate(zip(expected, found)):
            check(item, other, saved, f"{at}[{index}]")
    elif isinstance(expected, dict):
        for name, item in expected.items():
            check(item, found.get(name), saved, f"{at}.{name}")
    else:
        assert found == expected, f"{at}: expected {expected}, found {found}"


def run(steps: list[dict[str, Any]], folder: Path) -> None:
    options = {"folder": str(folder), "settings": {"window_pause_ms": 100}}
    hub = _native.Hub.open(json.dumps(options), [], None)
    saved: dict[str, Any] = {}
    for number, step in enumerate(steps):
        at = f"step {number}, {step['call']}"
        if step["call"] == "hub.shutdown":
            hub.shutdown()
            continue
        request = filled(step["request"], saved)
        caller = json.dumps(request["as"])
        arguments = (caller, request.get("arguments"), request.get("page"), request.get("body"))
        if "problem" in step:
            with pytest.raises(_native.NativeError) as raised:
                hub.call(step["call"], *arguments)
            check(step["problem"], raised.value.args[0], saved, at)
            assert isinstance(of(raised.value.args[0]), HubError)
        else:
            answer = hub.call(step["call"], *arguments)
            check(step["answer"], answer, saved, at)
            if "save" in step:
                saved[step["save"]] = answer


def test_every_file_of_golden_vectors_holds(tmp_path: Path) -> None:
    ran: dict[str, int] = {}
    for file in sorted(VECTORS.glob("*.json")):
        steps = json.loads(file.read_text("utf-8"))["steps"]
        run(steps, tmp_path / file.stem)
        ran[file.name] = len(steps)
    assert ran, "there are no vectors"
    # Read by whoever runs the tests of all languages.
    Path(os.environ.get("HUB_PARITY", os.devnull)).write_text(json.dumps(ran), "utf-8")


def test_every_operation_has_a_client() -> None:
    from hub_core import clients

    text = Path(clients.__file__).read_text("utf-8")
    missing = [name for name in _native.operations() if f'"{name}"' not in text]
    assert missing == ["hub.drained", "hub.version"], "those of the hub itself stands beside the sub-clients"
