"""Configurations of detectors: from what was sent to a struct, with a sentence for each field that is wrong."""

import re
from typing import Any, TypeVar

import msgspec

from detectors.kinds.contract import unfit
from projects.errors import Invalid

Config = TypeVar("Config", bound=msgspec.Struct)
PLACE = re.compile(r" - at `\$(.*)`$")  # how msgspec says where in a value
STEP = re.compile(r"[^.\[\]]+")
BAD = re.compile("[\0\ud800-\udfff]")  # NUL and half characters, which PostgreSQL does not take
TYPES = {
    "integer": ("a whole number", "from", "minimum", "maximum", ""),
    "number": ("a number", "from", "minimum", "maximum", ""),
    "string": ("a text", "of", "minLength", "maxLength", " characters"),
    "array": ("a list", "of", "minItems", "maxItems", " entries"),
    "boolean": ("true or false", "", "", "", ""),
}


def schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of an object, in the order of the fields."""
    (ref,), parts = msgspec.json.schema_components([kind])
    whole: dict[str, Any] = parts.pop(ref["$ref"].rpartition("/")[2])
    return whole | ({"$defs": parts} if parts else {})


def decoded(config: Any, kind: type[Config]) -> Config:
    """Raises Invalid. Fields within fields go by names such as examples.0."""
    if not isinstance(config, dict):
        raise Invalid("Send the settings as an object, such as {}.", fields={"config": "Send an object."})
    described = schema(kind)["properties"]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    wrong = {str(name): "There is no such setting here. Remove it." for name in config if name not in fields}
    values = {}
    for name, field in fields.items():
        if name in config and unstorable(config[name]):
            wrong[name] = f"{described[name].get('title', name)}: it holds a NUL or half a character. Remove that."
        elif name in config:
            try:
                values[field.name] = msgspec.convert(config[name], field.type)
            except msgspec.ValidationError as error:
                place = PLACE.search(str(error))
                steps = STEP.findall(place[1]) if place else []
                wrong[".".join([name, *steps])] = sentence(described[name], name, steps)
        elif field.required:
            wrong[name] = sentence(described[name], name, [])
    if wrong:
        raise unfit(**wrong)
    return kind(**values)


def unstorable(value: Any) -> bool:
    if isinstance(value, str):
        return BAD.search(value) is not None
    if isinstance(value, dict):
        return any(unstorable(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(unstorable, value))


def sentence(part: dict[str, Any], name: str, steps: list[str]) -> str:
    """What is wanted of a field, or of what lies at these steps within it."""
    title = part.get("title", name)
    for step in steps:
        part = part.get("properties", {}).get(step) or part.get("items") or {}
    about = f" {part['description']}" if "description" in part else ""
    return f"{title}: {wanted(part)}.{about}"


def wanted(part: dict[str, Any]) -> str:
    """From its JSON Schema."""
    if "anyOf" in part:
        empty = ", or leave it empty" if {"type": "null"} in part["anyOf"] else ""
        return " or ".join(wanted(one) for one in part["anyOf"] if one != {"type": "null"}) + empty
    if "$ref" in part:
        return "choose one"
    if "enum" in part:
        return f"choose one of {', '.join(map(str, part['enum']))}"
    if part.get("format") == "weights":
        return "choose one of those that the project has"
    what, between, least, most, unit = TYPES.get(part.get("type", ""), ("another value", "", "", "", ""))
    low, high = part.get(least), part.get(most)
    if low is not None and high is not None:
        return f"give {what} {between} {low:,} to {high:,}{unit}"
    if low is not None:
        return f"give {what} of at least {low:,}{unit}"
    return f"give {what}" + (f" of at most {high:,}{unit}" if high is not None else "")
