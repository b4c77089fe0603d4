"""The live session under load, beside a raw ASGI loop, stock Channels groups and y-websocket on Node.

Ours commits every operation to PostgreSQL before it comes back; the others hold nothing. The same clients, in a process
of their own, drive all of them turn by turn; medians are reported.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.load.client import Measured
from benchmarks.load.network import NETEM
from benchmarks.references import free_port, references, wait_for
from benchmarks.report import Figure, arguments, report
from config.supervisor.instance import BASE_DIR
from config.supervisor.part import Part
from config.supervisor.services import Services
from tests.seeding import seed
from tests.servers import Servers, dedicated

SERVERS = ("ours", "raw", "channels", "yjs")
CLIENTS = 50
RATE = 1_000
FIRST_RATE = {"ours": 2_000.0, "raw": 500.0, "channels": 50.0, "yjs": 500.0}
STEP = 1.25
IN_TIME = 100  # ms
CROWD = 200
DRAWN = 10_000
IDLE = 1_000

Runs = dict[str, list[Measured]]


class Bench:
    def __init__(self, services: Services, servers: Servers, ports: dict[str, int], *, quick: bool) -> None:
        self.env, self.logs, self.servers = services.env(), services.instance.logs, servers
        self.seeded = seed(self.env, people=CLIENTS, sheets=500)
        self.ports = {"ours": servers.webs[0].address.port} | ports
        self.rounds, self.seconds = (1, 2.0) if quick else (3, 5.0)
        self.sheets = iter(self.seeded.sheets)

    def place(self, sheets: int) -> dict[str, Any]:
        """Sheets that nobody has worked on."""
        numbers = [next(self.sheets) for _ in range(sheets)]
        return self.seeded._asdict() | {"origin": self.servers.url, "sheets": numbers}

    def job(self, name: str, rate: float, clients: int, sheets: int) -> dict[str, Any]:
        ours = name in ("ours", "idle")
        job = {"host": "127.0.0.1", "port": self.ports["ours" if ours else name], "dialect": name, "clients": clients}
        return job | {"rate": rate, "seconds": self.seconds} | ({"place": self.place(sheets)} if ours else {})

    def load(self, name: str, rate: float, *, clients: int = CLIENTS, sheets: int = 1) -> Measured:
        return Measured(**run("benchmarks.load.client", self.job(name, rate, clients, sheets)))

    def visit(self, what: str, **job: Any) -> dict[str, Any]:
        place = {"url": self.servers.url, "origin": self.servers.url, "sheet": next(self.sheets), "what": what}
        return place | {"sessions": self.seeded.sessions[:2], "label": self.seeded.label} | job

    # What is measured -------------------------------------------------------------------------------------------------

    def at_the_given_rate(self) -> Iterator[Figure]:
        runs: Runs = {name: [] for name in SERVERS}
        for _ in range(self.rounds):
            for name in random.sample(SERVERS, len(SERVERS)):
                runs[name].append(self.load(name, RATE))
        ours = runs["ours"]
        p50 = {name: statistics.median(run.p50 for run in runs[name]) for name in SERVERS}
        p99 = {name: statistics.median(run.p99 for run in runs[name]) for name in SERVERS}
        rate = statistics.median(run.sent / run.seconds for run in ours)
        yield Figure("50 people on one sheet: operations in", rate, "1/s", None, RATE * 0.99, higher=True)
        yield Figure("messages lost, of all rounds", sum(run.expected - run.delivered for run in ours), "", None, 0)
        yield Figure("ack p50 (reference: y-websocket)", p50["ours"], "ms", p50["yjs"], 10)
        yield Figure("ack p99 (y-websocket)", p99["ours"], "ms", p99["yjs"], 40)
        yield Figure("ack p99 (raw ASGI loop)", p99["ours"], "ms", p99["raw"])
        yield Figure("ack p99 (stock Channels)", p99["ours"], "ms", p99["channels"])

    def at_most(self) -> Iterator[Figure]:
        """The highest rate at which nothing is lost and the p99 stays below 100 ms."""
        rates: dict[str, list[float]] = {name: [] for name in SERVERS}
        for _ in range(self.rounds):
            for name in random.sample(SERVERS, len(SERVERS)):
                rates[name].append(self.highest_rate(name))
        rate = {name: statistics.median(rates[name]) for name in SERVERS}
        yield Figure("highest sustained rate", rate["ours"], "1/s", None, 3_000, higher=True)
        for name, factor in {"yjs": 1.5, "channels": 6.0, "raw": None}.items():
            label = {"yjs": "y-websocket", "channels": "stock Channels", "raw": "raw ASGI loop"}[name]
            goal = factor and factor * rate[name]
            yield Figure(f"highest sustained rate ({label})", rate["ours"], "1/s", rate[name], goal, higher=True)

    def highest_rate(self, name: str) -> float:
        """Climb until it fails; from further down when the first step fails already."""
        rate, best = FIRST_RATE[name], 0.0
        while True:
            measured = self.load(name, rate)
            if measured.p99 < IN_TIME and measured.delivered == measured.expected:
                best, rate = measured.sent / measured.seconds, rate * STEP
            elif best or rate < 10:
                return best
            else:
                rate /= STEP**2

    def crowd(self) -> Iterator[Figure]:
        """Each does something every second."""
        measured = self.load("ours", CROWD, clients=CROWD, sheets=CROWD // 2)
        yield Figure(f"{CROWD} people on {CROWD // 2} sheets: ack p50", measured.p50, "ms", None, 10)
        yield Figure(f"{CROWD} people on {CROWD // 2} sheets: ack p99", measured.p99, "ms", None, 40)
        yield Figure(
            f"{CROWD} people on {CROWD // 2} sheets: lost", measured.expected - measured.delivered, "", None, 0
        )

    def memory(self) -> Iterator[Figure]:
        before = self.resident()
        command = [sys.executable, "-m", "benchmarks.load.client", json.dumps(self.job("idle", 0, IDLE, 100))]
        most = before
        with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.DEVNULL) as clients:
            while clients.poll() is None:
                most = max(most, self.resident())
                time.sleep(0.1)
        yield Figure("memory an idle socket", (most - before) / IDLE, "KB", None, 60)

    def resident(self) -> int:
        """KB of the web process."""
        status = Path(f"/proc/{self.servers.webs[0].part.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def joining(self) -> Iterator[Figure]:
        seconds = float(run("benchmarks.load.visits", self.visit("joining", count=DRAWN, times=2 * self.rounds + 1)))
        yield Figure("joining a sheet of 10,000 shapes", seconds, "s", None, 1)

    def dragging(self) -> Iterator[Figure]:
        """80 ms round trip, 1 % loss."""
        job = self.visit("drag", seconds=8 * self.seconds)
        if subprocess.run([*NETEM, "true"], check=False, capture_output=True).returncode == 0:
            by, p95 = "netem", run("benchmarks.load.visits", job | {"env": self.env}, before=NETEM)
        else:
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.load.network", str(port), str(self.ports["ours"])]
            proxy = Part("Slow network", command, self.logs / "network.log", BASE_DIR)
            proxy.start()
            wait_for(proxy, port)
            by, p95 = "proxy", run("benchmarks.load.visits", job | {"url": f"http://127.0.0.1:{port}"})
            proxy.stop()
        yield Figure(f"80 ms round trip, 1 % loss ({by}): a peer sees a drag, p95", float(p95), "ms", None, 200)


def run(module: str, job: dict[str, Any], *, before: list[str] | tuple[str, ...] = ()) -> Any:
    """What a client process has measured."""
    command = [*before, sys.executable, "-m", module, json.dumps(job)]
    return json.loads(subprocess.run(command, cwd=BASE_DIR, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    options = arguments(__doc__)
    with dedicated() as (services, servers), references(services.env(), services.instance.logs) as ports:
        bench = Bench(services, servers, ports, quick=options.quick)
        figures = [
            *bench.memory(),
            *bench.at_the_given_rate(),
            *bench.at_most(),
            *bench.crowd(),
            *bench.joining(),
            *bench.dragging(),
        ]
    report(figures, options.json)


if __name__ == "__main__":
    main()
