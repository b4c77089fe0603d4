"""Single visits, with an ordinary client: how long joining takes, when a peer sees a drag. Prints JSON."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.load.client import at
from tests.servers import WebServer

BATCH = 500
DRAG_RATE = 30  # messages a second


class Visit:
    """One session at one sheet of a server."""

    def __init__(self, url: str, origin: str, session: str, sheet: int) -> None:
        self.url, self.origin, self.session, self.sheet = url, origin, session, sheet

    @asynccontextmanager
    async def open(self) -> AsyncIterator[ClientConnection]:
        headers = {"Cookie": f"sessionid={self.session}"}
        async with connect(
            self.url, origin=self.origin, additional_headers=headers, max_size=None, compression=None
        ) as socket:
            await say(socket, type="hello", protocol=1, client=str(uuid4()))
            await heard(socket, "welcome")
            yield socket

    async def join(self, socket: ClientConnection) -> dict[str, Any]:
        await say(socket, type="join", sheet=self.sheet)
        return await heard(socket, "joined")


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def heard(socket: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next message of these kinds."""
    while True:
        for line in str(await socket.recv()).split("\n"):
            message: dict[str, Any] = json.loads(line)
            if message["type"] in kinds:
                return message


async def fill(visit: Visit, label: int, count: int) -> None:
    """Put so many rectangles on the sheet."""
    async with visit.open() as socket:
        for start in range(0, count, BATCH):
            operations = [
                {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label}
                | {"shape": {"type": "rectangle", "x": n % 3_900, "y": n // 4, "width": 64.5, "height": 48.125}}
                for n in range(start, min(start + BATCH, count))
            ]
            batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": operations}
            while True:
                await say(socket, type="apply", sheet=visit.sheet, batch=batch)
                if (await heard(socket, "ack", "refused"))["type"] == "ack":
                    break
                await asyncio.sleep(0.5)  # the rate


async def joining(visit: Visit, label: int, count: int, times: int) -> float:
    """The median of the seconds from `join` until all of the sheet is there and read."""
    await fill(visit, label, count)
    taken = []
    for _ in range(times):
        async with visit.open() as socket:
            start = perf_counter()
            joined = await visit.join(socket)
            taken.append(perf_counter() - start)
            assert len(joined["records"]) == count
    return sorted(taken)[len(taken) // 2]


async def listen(socket: ClientConnection) -> None:
    """Take what comes, so that it does not pile up."""
    async for _ in socket:
        pass


async def drag(mine: Visit, peers: Visit, seconds: float) -> float:
    """The 95th percentile, in ms, from telling where one drags until the peer has that or a later place."""
    async with mine.open() as one, peers.open() as other:
        await mine.join(one)
        await peers.join(other)
        sent: list[float] = []
        seen: list[float] = []

        async def watch() -> None:
            while True:
                presences = await heard(other, "presences")
                for moved in presences["moved"]:
                    if moved["cursor"]:
                        seen.extend([perf_counter()] * (int(moved["cursor"][0]) + 1 - len(seen)))

        listening = [asyncio.create_task(watch()), asyncio.create_task(listen(one))]
        for number in range(int(seconds * DRAG_RATE)):
            draft = {"shape": {"type": "rectangle", "x": number, "y": 20, "width": 64.5, "height": 48.125}}
            sent.append(perf_counter())
            await say(one, type="presence", sheet=mine.sheet, cursor=[number, 20], draft=draft)
            await asyncio.sleep(1.02 / DRAG_RATE)
        await asyncio.sleep(2)
        for task in listening:
            task.cancel()
    times = sorted((there - here) for here, there in zip(sent, seen, strict=False))
    assert len(times) == len(sent), "places were never seen"
    return at(times, 0.95)


def main() -> None:
    job = json.loads(sys.argv[1])
    if env := job.get("env"):  # in a network of its own, where only its own server can be reached
        with TemporaryDirectory() as logs, closing_web(WebServer(env, Path(logs))) as web:
            print(json.dumps(measure(job | {"url": web.url, "origin": web.url})))
    else:
        print(json.dumps(measure(job)))


@contextmanager
def closing_web(web: WebServer) -> Iterator[WebServer]:
    web.start()
    yield web
    web.stop()


def measure(job: dict[str, Any]) -> float:
    url = job["url"].replace("http", "ws", 1) + "/ws/"
    visits = [Visit(url, job["origin"], session, job["sheet"]) for session in job["sessions"]]
    if job["what"] == "joining":
        return asyncio.run(joining(visits[0], job["label"], job["count"], job["times"]))
    return asyncio.run(drag(visits[0], visits[1], job["seconds"]))


if __name__ == "__main__":
    main()
