"""`make up` as its user sees it: one command, one folder, no process left behind."""

import os
import re
import signal

from config.supervisor.address import lan_address
from config.supervisor.instance import Instance, socket_folder
from tests.live import Live
from tests.supervisor.lan import second_host, visit
from tests.supervisor.product import SECONDS, eventually, free_port
from tests.supervisor.visitor import Visitor


def test_from_the_first_start_to_the_last_process(product):
    """The demo is made, its links sign in, a colleague joins from another host of the network where one may have one,
    else by this machine's own address, and Ctrl-C ends it all."""
    (product.var / "demo").unlink()
    assert not lan_address().startswith("127."), "This machine is on no network: nobody could join from another."
    address = f"http://{lan_address()}:{product.port}"

    product.process = product.run(HOST="0.0.0.0")
    product.wait_for(f"Ready at {address}")

    olivias, annas = (word for word in product.said().split() if word.startswith(f"{address}/enter/"))
    assert annas != olivias
    with second_host(lan_address()) as host:
        visit(host, lambda: a_colleague_joins_and_is_live(address, olivias))

    assert product.end(signal.SIGINT) == 0
    assert product.processes() == {}
    assert not socket_folder(product.var).exists()


def a_colleague_joins_and_is_live(address: str, link: str) -> None:
    olivia, guest = Visitor(), Visitor()
    home = olivia.post(link, olivia.get(link))
    assert "Olivia" in home
    project = re.search(r"/projects/(\d+)/", home)[1]
    shared = olivia.post(f"{address}/projects/{project}/share/", home, role="20")
    invitation = re.search(rf"{address}/join/[\w.-]+/", shared)[0]
    page = guest.post(invitation, guest.get(invitation), name="Zoë")

    assert "Only this computer" not in shared
    assert "Zoë" in page
    live = Live(address, guest.session, origin=address)
    assert live.wait("welcome")["protocol"] >= 1
    live.close()


def test_commands_reach_the_running_product(running):
    assert "Only this computer can open it; `make up HOST=0.0.0.0` lets phones and colleagues in." in running.said()
    assert running.run("manage", "person", "zoe").wait(SECONDS) == 0
    assert running.run("manage", "link", "zoe").wait(SECONDS) == 0

    assert f"http://127.0.0.1:{running.port}/enter/" in running.said()


def test_a_second_start_in_the_same_folder_is_refused(running):
    sentence = running.refused(PORT=str(free_port()))

    assert sentence.startswith(f"This folder's instance already runs (at http://127.0.0.1:{running.port}, process ")
    assert sentence.endswith("use it, or stop it with Ctrl-C first.")


def test_a_web_server_runs_alone_as_in_a_container(running):
    port = str(free_port())
    env = Instance(running.var).read_env() | {"PORT": port, "PUBLIC_URL": f"http://localhost:{port}"}
    web = running.run("web", **env)

    eventually(lambda: running.run("healthy", **env).wait(SECONDS) == 0)

    web.terminate()
    web.wait(SECONDS)


def test_a_part_that_dies_is_started_again_and_that_is_told(running):
    parts = {
        "uvicorn": "Web server",
        "worker --concurrency": "Worker",
        "beat --schedule": "Beat",
        "valkey-server": "Valkey",
        "bin/postgres": "PostgreSQL",
    }

    for command, name in parts.items():
        pid = running.pid(command)
        os.kill(pid, signal.SIGKILL)

        running.wait_for(f"{name} was killed by SIGKILL; it is started again.")
        running.wait_for_another(command, pid)
        eventually(running.healthy)


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_works(running):
    running.end(signal.SIGKILL)
    running.start()

    assert running.healthy()
    running.end(signal.SIGKILL)
    eventually(lambda: not running.processes())


def test_damaged_data_is_refused_with_the_way_back(running):  # the last one that uses it
    (running.var / "postgres" / "global" / "pg_control").write_bytes(b"")

    sentence = running.refused()

    assert sentence.startswith("PostgreSQL does not start; it ended by SIGABRT (PANIC:")
    assert "make restore FILE=" in sentence
