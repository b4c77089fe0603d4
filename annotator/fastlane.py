"""Operations of programs, past Django's middleware: a token needs no session and no page.

Everyone else, and what is large, comes through `api.SheetOperations` to the same door. Requests wait for the sheet's
writer as the sockets' do, so that many clients share a commit; there their tokens are looked up.
"""

import re
from typing import Any

import msgspec
from django.conf import settings
from rest_framework.exceptions import APIException

from annotator.api import STATUS_OF, decode
from annotator.live.caller import NOBODY, Answer, Caller
from annotator.live.hub import hub
from annotator.messages import MAX_FRAME, Apply, Batch, Refused
from annotator.operations import Request
from projects import errors
from projects.bodies import Send, respond

OPERATIONS = re.compile(r"/api/sheets/(\d{1,18})/operations/")
Scope = dict[str, Any]


def fast_lane(django: Any) -> Any:
    """An ASGI application that takes programs' operations and leaves everything else to Django."""

    async def http(scope: Scope, receive: Any, send: Send) -> None:
        sheet = OPERATIONS.fullmatch(scope["path"]) if scope["method"] == "POST" else None
        headers = dict(scope["headers"])
        token = headers.get(b"authorization", b"")
        if sheet and token[:6].lower() == b"token " and is_small(headers) and is_private(headers):
            await respond(send, *await answer(int(sheet[1]), token[6:].strip(), receive))
        else:
            await django(scope, receive, send)

    return http


def is_small(headers: dict[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"")
    return length.isdigit() and len(length) < 9 and int(length) <= MAX_FRAME


def is_private(headers: dict[bytes, bytes]) -> bool:
    """Whether it came by TLS, where that is promised: Django turns away what did not."""
    return not settings.SECURE or headers.get(b"x-forwarded-proto") == b"https"


async def answer(sheet: int, token: bytes, receive: Any) -> tuple[int, bytes]:
    try:
        outcome = await apply(sheet, token, await read(receive))
    except APIException as error:
        return error.status_code, msgspec.json.encode(errors.describe(error))
    status = STATUS_OF.get(outcome.code, 409) if isinstance(outcome, Refused) else 200
    return status, msgspec.json.encode(outcome)


async def apply(sheet: int, token: bytes, body: bytes) -> Answer:
    batch = decode(body, Batch)
    caller = Caller(token)
    hub().submit(caller, sheet, Request(NOBODY, Apply(sheet=sheet, batch=batch), source="api"))
    return await caller.answered


async def read(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
