"""How much a request may hold: whatever is too large is turned away before it fills the disk."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from django.conf import settings

from projects.errors import TooLarge, describe
from projects.services.items import MAX_BYTES

UPLOAD = re.compile(r"/api/projects/\d{1,18}/items/")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def capped(application: Any) -> Any:
    """The ASGI application, with a limit to what it is sent."""

    async def http(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        left = limit(scope)

        async def counted() -> dict[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge("The request is too large. Send less at once.")
            return message

        try:
            await application(scope, counted, send)
        except TooLarge as error:
            await respond(send, error.status_code, msgspec.json.encode(describe(error)))

    return http


def limit(scope: dict[str, Any]) -> int:
    if scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"]):
        return MAX_BYTES * settings.DATA_UPLOAD_MAX_NUMBER_FILES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


async def respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
