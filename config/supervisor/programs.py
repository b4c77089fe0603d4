"""The product's own parts: web server, worker, beat."""

import http.client
import os
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from config.supervisor.address import Address
from config.supervisor.instance import BASE_DIR
from config.supervisor.part import Part

UVICORN = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
UVICORN += ["--ws=websockets-sansio", "--ws-per-message-deflate=false", "--ws-max-size=2097152"]
UVICORN += ["--loop=uvloop", "--http=httptools"]
UVICORN += ["--no-access-log", "--no-server-header", "--log-level=warning", "--timeout-graceful-shutdown=5"]
AS_ROOT = {"C_FORCE_ROOT": "1"}  # Celery warns of root where whoever runs it chose to be root
PROCESSES = 4 + (os.cpu_count() or 1)  # for imports, previews and the rest, and for the shards of runs
CELERY = [sys.executable, "-m", "celery", "--quiet", "--skip-checks", "--app=config"]


def web(number: int, listening: int, logs: Path, env: dict[str, str]) -> Part:
    """Several may share the listening socket."""
    name = "Web server" if number == 1 else f"Web server {number}"
    return Part(name, [*UVICORN, f"--fd={listening}"], logs / "web.log", BASE_DIR, env, pass_fds=(listening,))


def worker(logs: Path, env: dict[str, str]) -> Part:
    """People's requests come before its long tasks."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=warning"]
    command = ["nice", "-n", "5", *CELERY, "worker", f"--concurrency={PROCESSES}", *quiet]
    return Part("Worker", command, logs / "worker.log", BASE_DIR, env | AS_ROOT)


def beat(var: Path, logs: Path, env: dict[str, str]) -> Part:
    schedule = var / "beat"
    schedule.mkdir(exist_ok=True)
    options = ["beat", "--schedule", str(schedule / "schedule"), "--pidfile=", "--loglevel=warning"]
    return Part("Beat", [*CELERY, *options], logs / "beat.log", BASE_DIR, env, signal.SIGTERM, 5)


def healthy(address: Address, public_url: str) -> bool:
    """As seen from outside: under the public name, and behind TLS when that is promised."""
    public = urlsplit(public_url)
    connection = http.client.HTTPConnection(address.host, address.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": public.netloc, "X-Forwarded-Proto": public.scheme})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_healthy(part: Part, address: Address, public_url: str, *, seconds: float = 60) -> str | None:
    """Why it is not, or None."""
    deadline = time.monotonic() + seconds
    while not healthy(address, public_url):
        if why := part.ended():
            return why
        if time.monotonic() > deadline:
            return f"did not answer within {seconds:.0f} s"
        time.sleep(0.1)
    return None
