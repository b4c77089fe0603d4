"""What an ONNX file holds, read without its numbers, so that nothing is loaded before it is known to be harmless.

The numbers of the fields are those of onnx.proto; the encoding is that of Protocol Buffers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

MESSAGES = {  # by message and number of the field, which messages lie in it
    "model": {7: "graph", 8: "opset", 14: "entry", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "outside"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 9: "opset", 11: "attribute"},
}
WORDS = {  # and which texts and numbers are read
    "opset": {1: "domain", 2: "version"},
    "entry": {1: "key", 2: "value"},
    "node": {4: "name", 7: "domain"},
    "tensor": {14: "location"},
    "outside": {1: "key", 2: "value"},
    "function": {1: "name", 10: "domain"},
}
DEEPEST = 100  # as Protocol Buffers have it
LARGEST = 2**32 - 1  # number of a field with how it is encoded
LONGEST = 1_000_000  # bytes of a text that is read: a thousand classes may have long names

Value = int | memoryview
Operator = tuple[str, str]  # domain and name


class Damaged(ValueError):
    """It is no ONNX file, or not all of one."""


@dataclass
class Contents:
    """`outside` are the files that it names; `own` are operators that it brings along as functions."""

    opsets: dict[str, int] = field(default_factory=dict)
    operators: set[Operator] = field(default_factory=set)
    own: set[Operator] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    about: dict[str, str] = field(default_factory=dict)
    has_graph: bool = False


def contents(data: memoryview) -> Contents:
    """Raises Damaged."""
    found = Contents()
    walk(data, "model", found, 0)
    if not found.has_graph:
        raise Damaged
    return found


def walk(data: memoryview, message: str, found: Contents, depth: int) -> None:
    if depth > DEEPEST:
        raise Damaged
    inner, words = MESSAGES.get(message, {}), WORDS.get(message, {})
    told: dict[str, str | int] = {}
    for number, value in fields(data):
        if number in inner and isinstance(value, memoryview):
            walk(value, inner[number], found, depth + 1)
        elif number in words:
            told[words[number]] = value if isinstance(value, int) else text(value)
    keep(message, told, found)


def keep(message: str, told: dict[str, str | int], found: Contents) -> None:
    named = (str(told.get("domain", "")), str(told.get("name", "")))
    match message:
        case "graph":
            found.has_graph = True
        case "opset":
            found.opsets[named[0]] = int(told.get("version", 0))
        case "entry":
            found.about[str(told.get("key", ""))] = str(told.get("value", ""))
        case "node":
            found.operators.add(named)
        case "function":
            found.own.add(named)
        case "tensor" if told.get("location"):
            found.outside.add("")
        case "outside":
            found.outside.add(str(told.get("value", "")) if told.get("key") == "location" else "")


def fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """The number and value of each field."""
    at, end = 0, len(data)
    while at < end:
        key, at = varint(data, at)
        if key > LARGEST:
            raise Damaged  # others would read its last 32 bits, and so another field
        value: Value
        match key & 7:  # how it is encoded: a number, a text or message, or eight or four bytes
            case 0:
                value, at = varint(data, at)
            case 2:
                size, at = varint(data, at)
                value, at = data[at : at + size], at + size
            case 1:
                value, at = data[at : at + 8], at + 8
            case 5:
                value, at = data[at : at + 4], at + 4
            case _:
                raise Damaged
        if at > end:
            raise Damaged
        yield key >> 3, value


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number, and where what follows it begins."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise Damaged


def text(value: memoryview) -> str:
    return bytes(value[:LONGEST]).decode(errors="replace")
