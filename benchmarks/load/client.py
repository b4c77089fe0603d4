"""Many clients in one process, cheap enough to leave the other core to the server: they count by scanning bytes.

Reads a job as JSON from its arguments and prints what it measured.
"""

import asyncio
import json
import sys
from collections import deque
from typing import NamedTuple, cast

import uvloop

from benchmarks.load.dialects import MARK, Ours, Place, Plain, dialect, mark

MASKED = 0x80
NO_MASK = b"\0\0\0\0"  # leaves the text as it is
TICK = 0.002  # seconds
PATIENCE = 3.0  # seconds without anything new


class Job(NamedTuple):
    dialect: str
    host: str
    port: int
    clients: int
    rate: float
    seconds: float
    place: Place | None = None


class Measured(NamedTuple):
    sent: int
    delivered: int
    expected: int
    seconds: float
    p50: float
    p99: float


class Client(asyncio.Protocol):
    def __init__(self, number: int, speech: Ours | Plain, host: str) -> None:
        self.number = number
        self.speech = speech
        self.host = host
        self.mark = mark(number)
        self.tail = b""
        self.open = False
        self.seen = 0
        self.sent: deque[float] = deque()
        self.times: list[float] = []
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        headers = {"Host": self.host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        headers |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} | self.speech.headers(self.number)
        lines = [f"GET {self.speech.path()} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def prepare(self) -> None:
        for text in self.speech.preparation(self.number):
            self.write(text.encode())

    def write(self, message: bytes) -> None:
        length = len(message)
        size = bytes([MASKED | length]) if length < 126 else bytes([MASKED | 126]) + length.to_bytes(2, "big")
        self.transport.write(bytes([self.speech.opcode]) + size + NO_MASK + message)

    def send(self, number: int) -> None:
        self.sent.append(asyncio.get_running_loop().time())
        self.write(self.speech.message(self.number, number))

    def data_received(self, data: bytes) -> None:
        chunk = self.tail + data
        if not self.open and b"\r\n\r\n" in chunk:
            self.open = True
            for text in self.speech.opening(self.number):
                self.write(text.encode())
        if not self.ready.done() and self.speech.ready in chunk:
            self.ready.set_result(None)
        self.seen += chunk.count(MARK) - self.tail.count(MARK)
        now = asyncio.get_running_loop().time()
        for _ in range(chunk.count(self.mark)):
            self.times.append(now - self.sent.popleft())
        self.tail = chunk[1 - len(self.mark) :]

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"client {self.number} was not let in: {self.tail!r}"))


async def measure(job: Job) -> Measured:
    loop = asyncio.get_running_loop()
    speech = dialect(job.dialect, job.place)
    host = f"{job.host}:{job.port}"
    clients = []
    for number in range(job.clients):
        _, client = await loop.create_connection(lambda n=number: Client(n, speech, host), job.host, job.port)
        clients.append(client)
        await client.ready
    for client in clients:
        client.prepare()
    await asyncio.sleep(1)
    start = loop.time()
    sent = await pace(clients, job.rate, job.seconds)
    elapsed = loop.time() - start
    per_sheet = job.clients // len(job.place.sheets) if job.place else job.clients
    await settle(clients, sent * per_sheet)
    times = sorted(time for client in clients for time in client.times)
    delivered = sum(client.seen for client in clients)
    for client in clients:
        client.transport.abort()
    return Measured(sent, delivered, sent * per_sheet, elapsed, at(times, 0.5), at(times, 0.99))


def at(times: list[float], share: float) -> float:
    """In milliseconds; infinite when nothing came back."""
    return times[int(share * (len(times) - 1))] * 1_000 if times else float("inf")


async def pace(clients: list[Client], rate: float, seconds: float) -> int:
    """Send at an even rate, whatever comes back. How many were sent."""
    loop = asyncio.get_running_loop()
    start, sent = loop.time(), 0
    while (now := loop.time()) < start + seconds:
        while sent < (now - start) * rate:
            number, client = divmod(sent, len(clients))
            clients[client].send(number)
            sent += 1
        await asyncio.sleep(TICK)
    return sent


async def settle(clients: list[Client], expected: int) -> None:
    """Wait until everything has come, or nothing comes any more."""
    loop = asyncio.get_running_loop()
    seen, since = -1, loop.time()
    while seen < expected and loop.time() < since + PATIENCE:
        await asyncio.sleep(0.02)
        if (now := sum(client.seen for client in clients)) > seen:
            seen, since = now, loop.time()


def main() -> None:
    job = json.loads(sys.argv[1])
    place = Place(**job.pop("place")) if "place" in job else None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(measure(Job(**job, place=place)))
    print(json.dumps(measured._asdict()))


if __name__ == "__main__":
    main()
