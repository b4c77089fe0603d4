"""How much a request may hold: what is too large, or from nobody, is turned away before it fills the disk."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from django.conf import settings
from django.http import parse_cookie
from django.template.loader import render_to_string
from rest_framework.exceptions import NotAuthenticated

from projects.errors import TooLarge, describe

MAX_UPLOAD = 2 * 2**30  # bytes
JSON, PAGE = b"application/json", b"text/html; charset=utf-8"
UPLOAD = re.compile(r"/api/(projects/\d{1,18}/(items|imports|examples|models)|imports/\d{1,18}/files)/")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def capped(application: Any) -> Any:
    """The ASGI application, with a limit to what it is sent."""

    async def http(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        most, read = limit(scope), 0

        async def counted() -> dict[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            check(read, most)
            return message

        try:
            announced(scope, most)
            await application(scope, counted, send)
        except (TooLarge, NotAuthenticated) as error:
            await respond(send, error.status_code, *told(scope, error), after=rest(receive, 2 * most))

    return http


def is_upload(scope: dict[str, Any]) -> bool:
    return scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"]) is not None


def limit(scope: dict[str, Any]) -> int:
    return MAX_UPLOAD if is_upload(scope) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def announced(scope: dict[str, Any], most: int) -> None:
    """What the headers tell already. Who it is that signs an upload is looked at when it has come."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    session = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if is_upload(scope) and not session and b"authorization" not in headers:
        raise NotAuthenticated("Sign in, or send a token as “Authorization: Token …”.")
    length = headers.get(b"content-length", "")
    check(int(length) if length.isdecimal() else 0, most)


def check(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(f"The request has more than {most // 2**20:,} MB. Send less at once.")


def told(scope: dict[str, Any], error: TooLarge | NotAuthenticated) -> tuple[bytes, bytes]:
    """The answer and its type: a page for whoever sent a form."""
    headers = dict(scope["headers"])
    if scope["path"].startswith("/api/") or b"hx-request" in headers or b"text/html" not in headers.get(b"accept", b""):
        return msgspec.json.encode(describe(error)), JSON
    detail = f"{error.detail} What you typed is there when you go back."
    return render_to_string("error.html", {"status": error.status_code, "detail": detail}).encode(), PAGE


async def rest(receive: Receive, most: int) -> None:
    """What still comes, into nothing, up to `most` bytes: many read no answer before they have sent all."""
    while most > 0 and (message := await receive()).get("more_body"):
        most -= len(message["body"])


async def respond(
    send: Send, status: int, body: bytes, kind: bytes = JSON, *, after: Awaitable[None] | None = None
) -> None:
    """`after` is waited for when the answer has left and before its connection may be closed."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": after is not None})
    if after:
        await after
        await send({"type": "http.response.body"})
