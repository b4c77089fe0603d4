"""A second host on this machine's network: a network namespace of its own, at the other end of a cable."""

import ctypes
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

CLONE_NEWNET = 0x40000000


@contextmanager
def second_host(address: str) -> Iterator[Path | None]:
    """Its file, which `visit` takes; None where one may not have any, or where it does not reach the address."""
    name = f"lan{os.getpid()}"
    try:
        host = connected(name) if made(name) else None
        yield host if host and reaches(host, address) else None
    finally:
        with suppress(OSError):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def made(name: str) -> bool:
    return runs("ip", "netns", "add", name)


def connected(name: str) -> Path | None:
    """Two addresses that other runs at this moment do not have."""
    third = os.getpid() % 250
    ours, theirs = f"10.231.{third}.1", f"10.231.{third}.2"
    inside = ("ip", "-netns", name)
    done = (
        runs("ip", "link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        and runs("ip", "addr", "add", f"{ours}/30", "dev", f"{name}a")
        and runs("ip", "link", "set", f"{name}a", "up")
        and runs(*inside, "addr", "add", f"{theirs}/30", "dev", f"{name}b")
        and runs(*inside, "link", "set", f"{name}b", "up")
        and runs(*inside, "route", "add", "default", "via", ours)
    )
    return Path("/run/netns", name) if done else None


def runs(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def reaches(host: Path, address: str) -> bool:
    """Whether no wall stands between them: asked of a server that is not the product's."""
    with socket.create_server((address, 0)) as server:
        place = server.getsockname()
        try:
            visit(host, lambda: socket.create_connection(place, timeout=3).close())
        except OSError:
            return False
    return True


def visit(host: Path | None, act: Callable[[], None]) -> None:
    """By sockets of that host, or of this one. A thread goes there for good, so it is one of its own."""

    def go() -> None:
        if host is not None:
            with host.open() as there:
                if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "One may not go there.")
        act()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(go).result()
