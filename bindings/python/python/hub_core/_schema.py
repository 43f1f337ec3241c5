"""JSON Schema of a function's parameters, from its type hints."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

_PLAIN: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def is_model(hint: object) -> bool:
    """Whether this is a class of pydantic, which says itself what it takes."""
    return isinstance(hint, type) and hasattr(hint, "model_json_schema") and hasattr(hint, "model_validate")


def of_hint(hint: Any) -> dict[str, Any]:
    """The schema of one hint."""
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint is Any:
        return {}
    if is_model(hint):
        return typing.cast("dict[str, Any]", hint.model_json_schema())
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [of_hint(argument) for argument in arguments]}
    if hint is list or origin is list:
        return {"type": "array", "items": of_hint(arguments[0])} if arguments else {"type": "array"}
    if hint is dict or origin is dict:
        return {"type": "object", "additionalProperties": of_hint(arguments[1])} if arguments else {"type": "object"}
    raise TypeError(f"no JSON Schema is known for the hint {hint!r}: give the tool an input_schema")


def of_parameters(function: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a function's keyword arguments, and the models among its hints."""
    hints = typing.get_type_hints(function)
    properties: dict[str, Any] = {}
    required: list[str] = []
    models: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "call":
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"a tool takes named arguments, and {name} is none")
        if name not in hints:
            raise TypeError(f"the parameter {name} has no type hint")
        properties[name] = of_hint(hints[name])
        if is_model(hints[name]):
            models[name] = hints[name]
        if parameter.default is parameter.empty:
            required.append(name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return schema, models
