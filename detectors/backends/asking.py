"""Asks a back end over HTTP, and says in a sentence whatever it does wrong."""

import http.client
import json
import re
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from projects.errors import Away, Invalid, Refusal
from projects.outgoing import connected

CONNECT = 5  # seconds
MOST_BYTES = 32_000_000  # of an answer
MOST_ADDRESS = 500
WAITS = (0.2, 1.0)  # seconds, after which what may pass is tried again
PASSING = {429, 502, 503, 504}
WHERE = "Give the address of the back end as http://host:port or https://host/path, without a name or password in it."
HOST = re.compile(r"[\w.:%-]+", re.ASCII)


class Wrong(Refusal):
    """What it answered is none."""

    status_code = 502
    default_code = "wrong_answer"


class Passing(Exception):
    """What may be otherwise a moment later."""


def parts(address: str) -> SplitResult:
    """Raises Invalid where it is no address of a server."""
    try:
        return read(address.strip())
    except (ValueError, UnicodeError):
        raise Invalid(WHERE, fields={"address": WHERE}) from None


def read(address: str) -> SplitResult:
    told = urlsplit(address)
    name = (told.hostname or "").encode("idna").decode()
    odd = "@" in told.netloc or told.query or told.fragment or told.port == 0 or not HOST.fullmatch(name)
    if told.scheme not in ("http", "https") or odd or len(address) > MOST_ADDRESS:
        raise ValueError(address)
    host = f"[{name}]" if ":" in name else name
    at = f"{host}:{told.port}" if told.port else host
    return told._replace(netloc=at, path=quote(told.path.rstrip("/"), safe="/%:@!$&'()*+,;=~"))


class Plain(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = connected(self.host, self.port, CONNECT)


class Secure(http.client.HTTPSConnection):
    def connect(self) -> None:
        plain = connected(self.host, self.port, CONNECT)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


class Asker:
    """Keeps its connection. For one thread."""

    def __init__(self, address: str, user: str = "", password: str = "") -> None:
        self.at = parts(address)
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if user or password:
            self.headers["Authorization"] = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, path: str, body: Any = None, *, seconds: float) -> Any:
        """What it answers; it is told something where there is a body. Raises Away, Private or Wrong."""
        data = None if body is None else json.dumps(body).encode()
        for wait in WAITS:
            try:
                return self.once(path, data, seconds)
            except Passing:
                self.close()
                time.sleep(wait)
        try:
            return self.once(path, data, seconds)
        except Passing as error:
            self.close()
            raise Away(str(error)) from error

    def once(self, path: str, body: bytes | None, seconds: float) -> Any:
        again = self.connection is not None
        try:
            return self.answer(path, body, seconds)
        except (ConnectionError, http.client.RemoteDisconnected):
            self.close()
            if not again:
                raise Passing("It broke off the connection. Look whether it runs, then try again.") from None
        return self.once(path, body, seconds)  # it had closed what was kept open

    def answer(self, path: str, body: bytes | None, seconds: float) -> Any:
        connection = self.connected()
        over: list[bool] = []
        try:
            with ended(connection, seconds, over):
                connection.request("GET" if body is None else "POST", f"{self.at.path}/{path}", body, self.headers)
                answer = connection.getresponse()
                data = answer.read(MOST_BYTES + 1)
            if over or (answer.length and len(data) <= MOST_BYTES):
                raise ConnectionError
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            if over or isinstance(error, TimeoutError):
                raise Away(f"It did not answer within {seconds:g} seconds.") from None
            if isinstance(error, ConnectionError):
                raise
            raise Wrong("What it answers is no HTTP.") from None
        if len(data) > MOST_BYTES or answer.will_close:
            self.close()
        return told(answer, data)

    def connected(self) -> http.client.HTTPConnection:
        if self.connection is None:
            kind = Secure if self.at.scheme == "https" else Plain
            made = kind(self.at.hostname or "", self.at.port)
            try:
                made.connect()
            except ssl.SSLError as error:
                raise Wrong(f"No secure connection to it can be made ({error.reason}).") from error
            except (OSError, UnicodeError):
                detail = "It cannot be reached. Look whether it runs, and whether the address is right."
                raise Passing(detail) from None
            self.connection = made
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@contextmanager
def ended(connection: http.client.HTTPConnection, seconds: float, over: list[bool]) -> Iterator[None]:
    """After so many seconds the connection is cut, however slowly something comes."""

    def cut() -> None:
        over.append(True)
        with suppress(OSError):
            socket.socket.shutdown(kept, socket.SHUT_RDWR)  # also of what is encrypted

    kept = connection.sock
    kept.settimeout(seconds)
    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def told(answer: http.client.HTTPResponse, data: bytes) -> Any:
    """The JSON of a good answer."""
    status = answer.status
    if status in PASSING:
        raise Passing(f"It is not to be had just now (it answered {status}). Try again later.")
    if 300 <= status < 400:
        raise Wrong("It sends one on to another address. Give the address at which the back end itself is.")
    if status in (401, 403):
        raise Wrong("It wants a user name and password, or other ones. Give them with the back end.")
    if not 200 <= status < 300:
        raise Wrong(f"It answered {status}. Its own log says why.")
    if len(data) > MOST_BYTES:
        raise Wrong(
            f"Its answer is larger than {MOST_BYTES // 1_000_000} MB. Have it find less, or ask for fewer at once."
        )
    if data.lstrip()[:1] == b"<":
        raise Wrong("It answered with a web page, and not with JSON. Look whether the address is that of a back end.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Wrong("What it answered is no JSON that can be read.") from None
