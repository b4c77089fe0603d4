"""Servers that ours is measured beside, each a process of its own on a free port."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from config.supervisor.instance import BASE_DIR
from config.supervisor.part import Part
from config.supervisor.programs import UVICORN

HERE = Path(__file__).parent
MODULES = {"raw": "benchmarks.references.raw_asgi:app", "channels": "benchmarks.references.channels_groups:app"}
Y_WEBSOCKET = HERE / "node_modules" / "y-websocket" / "bin" / "server.cjs"


@contextmanager
def references(env: dict[str, str], logs: Path) -> Iterator[dict[str, int]]:
    """Their names and ports."""
    if not Y_WEBSOCKET.exists():
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=HERE, check=True)
    with ExitStack() as stack:
        ports = {}
        for name in ("raw", "channels", "yjs"):
            ports[name] = free_port()
            part = Part(name, command(name, ports[name]), logs / f"{name}.log", BASE_DIR, env | port_of(ports[name]))
            part.start()
            stack.callback(part.kill)
            wait_for(part, ports[name])
        yield ports


def command(name: str, port: int) -> list[str]:
    if name == "yjs":
        return [str(Path(sys.executable).with_name("node")), str(Y_WEBSOCKET)]
    options = [option for option in UVICORN if option.startswith("--")]
    return [sys.executable, "-m", "uvicorn", MODULES[name], f"--port={port}", *options]


def port_of(port: int) -> dict[str, str]:
    return {"HOST": "127.0.0.1", "PORT": str(port)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(part: Part, port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not part.ended():
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port)).close()
        time.sleep(0.1)
    raise RuntimeError(f"{part.name} did not start: {part.log.read_text()[-2000:]}")
