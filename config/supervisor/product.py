"""`make up`: everything, until Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from config.supervisor import programs
from config.supervisor.address import ANY, Address, from_environment
from config.supervisor.instance import BASE_DIR, Instance
from config.supervisor.part import Part
from config.supervisor.refusal import Refusal, last_words
from config.supervisor.services import Services

DEMO_PEOPLE = {"olivia": "Olivia owns the demo project", "sam": "Sam annotates in it"}


def up(instance: Instance) -> None:
    address, count = from_environment(), web_processes()
    catch_signals()
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(address.listen())
        instance.prepare()
        instance.lock(f"at {address.env()['PUBLIC_URL']}")
        say("Starting PostgreSQL and Valkey ...")
        services = stack.enter_context(Services(instance))
        env = services.env() | address.env() | instance.media_env()
        parts = programs_of(instance, env, listening.fileno(), count)
        stack.callback(stop, parts)
        instance.write_env(env)
        stack.callback(instance.retire_env)
        links = prepare(instance, env)
        say("Starting the web server ...")
        for part in parts:
            part.start()
        if why := programs.wait_until_healthy(parts[0], address.local(), env["PUBLIC_URL"]):
            raise Refusal(f"The web server {why}: look into {parts[0].log}, put that right, then try again.")
        welcome(address, env, links)
        watch([*services.parts, *parts])


def prepare(instance: Instance, env: dict[str, str]) -> dict[str, str]:
    """The tables, the demo project at the first start, and sign-in links."""
    seeded = instance.var / "demo"
    say("Preparing the database ..." if seeded.exists() else "Preparing the database and the demo project ...")
    log = instance.logs / "prepare.log"
    command = [sys.executable, "-m", "config.supervisor.prepare", *DEMO_PEOPLE]
    with log.open("wb") as errors:
        done = subprocess.run(
            [*command, *([] if seeded.exists() else ["--demo"])],
            cwd=BASE_DIR,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            stderr=errors,
            check=False,
        )
    if done.returncode:
        raise Refusal(f"The database could not be prepared ({last_words(log)}): {log} says more.")
    seeded.touch()
    links: dict[str, str] = json.loads(done.stdout)
    return links


def web_processes() -> int:
    count = os.environ.get("WEB_PROCESSES") or "1"
    if not count.isdecimal() or int(count) < 1:
        raise Refusal(f"WEB_PROCESSES is “{count}”: set it to 1 or more, then try again.")
    return int(count)


def programs_of(instance: Instance, env: dict[str, str], listening: int, count: int) -> list[Part]:
    """In the order in which they stop."""
    webs = [programs.web(number, listening, instance.logs, env) for number in range(1, count + 1)]
    return [*webs, programs.worker(instance.logs, env), programs.beat(instance.var, instance.logs, env)]


def welcome(address: Address, env: dict[str, str], links: dict[str, str]) -> None:
    say(f"\nReady at {env['PUBLIC_URL']}\n")
    for username, url in links.items():
        say(f"  {DEMO_PEOPLE[username] + ':':<32} {url}")
    if links:
        say("\nA link signs in once; `make link USER=olivia` prints a fresh one.")
    if address.host in ANY:
        say("Everyone on your network can reach this page; the links above work there too.")
    elif "//127.0.0.1:" in env["PUBLIC_URL"]:
        say("Only this computer can open it; `make up HOST=0.0.0.0` lets phones and colleagues in.")
    say("Ctrl-C stops everything.\n")


def watch(parts: list[Part]) -> None:
    """Starts again what ends, for ever. One that keeps ending is given longer and longer pauses."""
    pauses = {part.name: 0.0 for part in parts}
    due: dict[str, float] = {}
    while True:
        for part in parts:
            part.rotate_log()
            why = part.ended()
            now = time.monotonic()
            if why and part.name not in due:
                steady = now - part.started > 60
                pause = 0 if steady else pauses[part.name]
                pauses[part.name] = min(max(1, pause * 2), 30)
                due[part.name] = now + pause
                say(f"{part.name} {why}; it is started again{f' in {pause:.0f} s' if pause else ''}.")
                if "No space left" in why:
                    say("The disk is full: free some space.")
            elif why and now >= due[part.name]:
                del due[part.name]
                part.start()
        time.sleep(0.2)


def stop(parts: list[Part]) -> None:
    say("\nStopping ...")
    for part in parts:
        part.stop()


def catch_signals() -> None:
    """The first asks us to stop; a second one would leave things half done, so it is not heard."""

    def interrupt(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, flush=True)
