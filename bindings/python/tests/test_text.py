"""How values are written as JSON: plain ones by the native part, the rest by Python, and nobody can tell."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from hub_core import HubError, _native
from hub_core._calls import text


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
def test_plain_values_are_written_natively(value: Any) -> None:
    written = _native.plain_text(value)
    assert written is not None
    assert json.dumps(json.loads(written)) == json.dumps(value)


@pytest.mark.parametrize("value", LEFT, ids=ascii)
def test_the_rest_is_left_to_python(value: Any) -> None:
    assert _native.plain_text(value) is None
    assert text(value) == json.dumps(value, separators=(",", ":"))


def test_what_is_nested_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert _native.plain_text(endless) is None
    for value in (endless, float("nan"), object()):
        with pytest.raises(HubError) as refused:
            text(value)
        assert refused.value.code == "invalid_json"
