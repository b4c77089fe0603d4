"""`make up` as its user sees it: one command, one folder, no process left behind."""

import os
import signal
import urllib.request

from config.supervisor.instance import Instance, socket_folder
from tests.supervisor.product import SECONDS, eventually, free_port


def test_the_first_start_makes_the_demo_and_prints_two_links_that_sign_in(product):
    (product.var / "demo").unlink()

    product.start()

    links = [word for word in product.said().split() if "/enter/" in word]
    assert len(links) == 2
    assert "Olivia" in urllib.request.urlopen(links[0]).read().decode()


def test_ctrl_c_stops_everything_and_leaves_nothing_behind(product):
    product.start()

    assert product.end(signal.SIGINT) == 0

    assert product.processes() == {}
    assert not socket_folder(product.var).exists()


def test_a_part_that_dies_is_started_again_and_that_is_told(product):
    parts = {
        "uvicorn": "Web server",
        "worker --concurrency": "Worker",
        "beat --schedule": "Beat",
        "valkey-server": "Valkey",
        "bin/postgres": "PostgreSQL",
    }
    product.start()

    for command, name in parts.items():
        pid = product.pid(command)
        os.kill(pid, signal.SIGKILL)

        product.wait_for(f"{name} was killed by SIGKILL; it is started again.")
        product.wait_for_another(command, pid)
        eventually(product.healthy)


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_works(product):
    product.start()

    product.end(signal.SIGKILL)
    product.start()

    assert product.healthy()
    product.end(signal.SIGKILL)
    eventually(lambda: not product.processes())


def test_commands_reach_the_running_product(running):
    assert running.run("manage", "person", "zoe").wait(SECONDS) == 0
    assert running.run("manage", "link", "zoe").wait(SECONDS) == 0

    assert f"http://127.0.0.1:{running.port}/enter/" in running.said()


def test_a_web_server_runs_alone_as_in_a_container(running):
    port = str(free_port())
    env = Instance(running.var).read_env() | {"PORT": port, "PUBLIC_URL": f"http://localhost:{port}"}
    web = running.run("web", **env)

    eventually(lambda: running.run("healthy", **env).wait(SECONDS) == 0)

    web.terminate()
    web.wait(SECONDS)
