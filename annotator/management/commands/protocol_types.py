"""Writes static/live/messages.gen.ts from annotator/messages/."""

import inspect
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotator import messages
from annotator.shapes import Shape

TARGET = settings.BASE_DIR / "static" / "live" / "messages.gen.ts"
HEADER = "// Generated from annotator/messages/ by `manage.py protocol_types`. Do not edit."
UNIONS = {
    "Incoming": messages.Incoming,
    "Outgoing": messages.Outgoing,
    "OperationIn": messages.OperationIn,
    "Shape": Shape,
    "DraftShape": messages.DraftShape,
}
CONSTANTS = ("PROTOCOL", "MAX_BATCH", "MAX_FRAME")


class Command(BaseCommand):
    help = "Write the TypeScript types of the live protocol."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when the committed file differs")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        text = prettier(typescript())
        if not check:
            TARGET.write_text(text)
        elif not TARGET.exists() or TARGET.read_text() != text:
            raise CommandError(f"{TARGET.name} is out of date: run `manage.py protocol_types`, commit the file.")


def typescript() -> str:
    constants = "".join(f"export const {name} = {getattr(messages, name)}\n" for name in CONSTANTS)
    types = node("json2ts", "--no-additionalProperties", "--bannerComment", "", stdin=json.dumps(schema()))
    return f"{HEADER}\n\n{constants}\n{types}"


def prettier(text: str) -> str:
    return node("prettier", "--stdin-filepath", str(TARGET), stdin=text)


def schema() -> dict[str, Any]:
    """One JSON Schema with every message. What the server sends is whole, but for structs that omit their defaults."""
    references, definitions = msgspec.json.schema_components(UNIONS.values(), ref_template="#/$defs/{name}")
    _, from_browser = msgspec.json.schema_components([messages.Incoming], ref_template="#/$defs/{name}")
    whole = [name for name in definitions if name not in from_browser and not omits_defaults(name)]
    for name in whole:
        definitions[name]["required"] = list(definitions[name]["properties"])
    definitions |= dict(zip(UNIONS, references, strict=True))
    every = [{"$ref": f"#/$defs/{name}"} for name in UNIONS]
    return {"title": "Messages", "anyOf": every, "$defs": plain(definitions)}


def omits_defaults(name: str) -> bool:
    return bool(getattr(messages, name).__struct_config__.omit_defaults)


def plain(part: Any) -> Any:
    """As json-schema-to-typescript reads it: tuples by `items`, and no lengths of lists, which it would spell out."""
    if isinstance(part, list):
        return [plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    if "prefixItems" in part:
        length = len(part["prefixItems"])
        return {"type": "array", "items": plain(part["prefixItems"]), "minItems": length, "maxItems": length}
    if isinstance(part.get("description"), str):
        part = part | {"description": inspect.cleandoc(part["description"])}
    left_out = {"minItems", "maxItems", "default", "discriminator"}
    return {key: plain(value) for key, value in part.items() if key not in left_out}


def node(tool: str, *arguments: str, stdin: str) -> str:
    """What a tool of node_modules prints; Node is the one beside this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(settings.BASE_DIR / "node_modules" / ".bin" / tool), *arguments]
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise CommandError(f"{tool} failed. Run `make` to install the tools, then try again.\n{done.stderr}")
    return done.stdout
