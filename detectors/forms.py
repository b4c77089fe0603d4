"""The form of a detector's configuration, drawn from its JSON Schema."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.http import QueryDict

from detectors.models import BackEnd, Weights

LINES = {"type": "string"}


class Field(NamedTuple):
    """`kind` is the type of an input, or "lines" or "select"."""

    name: str
    title: str
    description: str
    kind: str
    value: Any
    options: list[tuple[Any, str]]  # the value, and what one reads
    least: float | None
    most: float | None
    step: str
    required: bool
    wrong: str


def fields(
    schema: Mapping[str, Any],
    told: Mapping[str, Any],
    wrong: Mapping[str, str],
    weights: Iterable[Weights] = (),
    back_ends: Iterable[BackEnd] = (),
) -> list[Field]:
    """With what one has told, and what is wrong with it. The project has these `weights` and `back_ends`."""
    required = schema.get("required", [])
    return [
        field(
            name,
            one,
            told.get(name, one.get("default")),
            name in required,
            wrong.get(name, ""),
            options(inner(one), weights, back_ends),
        )
        for name, one in schema.get("properties", {}).items()
    ]


def field(
    name: str, schema: Mapping[str, Any], value: Any, required: bool, wrong: str, options: list[tuple[Any, str]]
) -> Field:
    known = inner(schema)
    if isinstance(value, list):
        value = "\n".join(map(str, value))
    return Field(
        name=name,
        title=schema.get("title", name),
        description=schema.get("description", ""),
        kind=kind_of(known),
        value=value,
        options=options,
        least=known.get("minimum"),
        most=known.get("maximum"),
        step="1" if known.get("type") == "integer" else "any",
        required=required,
        wrong=wrong,
    )


def options(
    schema: Mapping[str, Any], weights: Iterable[Weights], back_ends: Iterable[BackEnd]
) -> list[tuple[Any, str]]:
    if names_weights(schema):
        return [(one.digest, str(one)) for one in weights if one.kind == schema.get("of")]
    if names_back_end(schema):
        return [(one.pk, one.name) for one in back_ends]
    return [(one, str(one)) for one in schema.get("enum", [])]


def names_weights(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("format") == "weights")


def names_back_end(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("format") == "backend")


def weights_wanted(schema: Mapping[str, Any]) -> set[str]:
    """The kinds of weights without which a detector cannot be set up."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    return {one.get("of", "") for name, one in properties.items() if name in required and names_weights(one)}


def inner(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of what may be left empty, what it is if not."""
    return next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)


def kind_of(schema: Mapping[str, Any]) -> str:
    if "enum" in schema or names_weights(schema) or names_back_end(schema):
        return "select"
    if schema.get("format") == "color":
        return "color"
    return {"boolean": "checkbox", "integer": "number", "number": "number", "array": "lines"}.get(
        schema.get("type", ""), "text"
    )


def told_in(schema: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """What a form says. What is no number stays as it was written: whoever reads it says what is wrong."""
    told: dict[str, Any] = {}
    for name, one in schema.get("properties", {}).items():
        text = posted.get(name, "")
        match kind_of(inner(one)):
            case "checkbox":
                told[name] = name in posted
            case "lines":
                told[name] = [line.strip() for line in text.splitlines() if line.strip()]
            case "number" if text:
                told[name] = number(text)
            case "number":
                pass  # as if nothing were said
            case "select" if names_back_end(one):
                told[name] = number(text)
            case _:
                told[name] = text
    return told


def number(text: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
