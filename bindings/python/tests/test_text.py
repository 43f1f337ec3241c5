"""How values are written as JSON, plain ones by the native part and the rest by Python, and how answers are read."""

from __future__ import annotations

import enum
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hub_core import Context, HubError, _calls, sync
from hub_core._native import text
from hub_core.types import NewEvent


class Colour(str, enum.Enum):
    RED = "red"


PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -(2**63),
    2**63 - 1,
    1.0,
    -0.0,
    1e300,
    5e-324,
    "",
    "quote \" slash \\ line \n bell \x07 NUL \x00 é 😀",
    [],
    (),
    {},
    [1, [2, (3, "four")], {"five": {"six": None}}],
    {"text": "hi", "role": "user", "über": [True]},
]

# Subclasses, large numbers, names that are no text: what Python makes of them.
LEFT: list[Any] = [Colour.RED, 2**63, {1: "one"}, {Colour.RED: 1}, "\ud800", [["\ud800"]]]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_are_written_natively(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_calls, "encoded")
    assert json.dumps(json.loads(text(value))) == json.dumps(value)


@pytest.mark.parametrize("value", LEFT, ids=ascii)
def test_the_rest_is_left_to_python(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text(value) == json.dumps(value, separators=(",", ":"))
    monkeypatch.delattr(_calls, "encoded")
    with pytest.raises(AttributeError):
        text(value)


def test_what_is_nested_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for value in (endless, float("nan"), object()):
        with pytest.raises(HubError) as refused:
            text(value)
        assert refused.value.code == "invalid_json"


def test_answers_come_back_as_they_were_said(tmp_path: Path) -> None:
    deep: Any = "bottom"
    for _ in range(15):
        deep = [{"in": deep}]
    numbers = [0, 1 - 2**53, 2**53 - 1, 0.1, -0.5, 1e-7, 1.7976931348623157e308]
    said = {"numbers": numbers, "words": ["", "é 😀 \" \\ \n", None, True, False], "deep": deep, "": {"": []}}
    admin = Context.admin()
    with sync.Hub.open(tmp_path, workers=[]) as hub:
        agent = hub.agents.create(admin, name="home")["agent_id"]
        space = hub.spaces.create(admin, agent, name="kitchen")["space_id"]
        anna = Context.operator(agent, hub.people.create(admin, agent, name="Anna")["person_id"], "owner")
        hub.events.put_type(admin, agent, "custom.any", {})
        event: NewEvent = {
            "event_id": str(uuid.uuid4()),
            "space_id": space,
            "type": "custom.any",
            "occurred_at": "2026-01-01T08:00:00Z",
            "payload": said,
        }
        assert hub.events.append(anna, event)[0] == {"event_id": event["event_id"], "status": "stored"}
        heard = hub.events.list(anna, space)["items"][0]["payload"]
    assert json.dumps(heard, sort_keys=True) == json.dumps(said, sort_keys=True)
