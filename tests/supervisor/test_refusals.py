"""What `make up` refuses, in one sentence that says what to do."""

import errno
import socket
import subprocess
from pathlib import Path

import pytest

from config.supervisor.refusal import explained


def test_a_taken_port_is_refused(product):
    with socket.create_server(("127.0.0.1", product.port)):
        sentence = product.refused()

    assert sentence.startswith(f"Port {product.port} is taken: stop what uses it, or choose another")


@pytest.mark.parametrize(
    ("env", "start"),
    [
        ({"PORT": "http"}, "“http” is no port:"),
        ({"HOST": "192.0.2.7"}, "192.0.2.7 is no address of this machine:"),
        ({"WEB_PROCESSES": "none"}, "WEB_PROCESSES is “none”:"),
    ],
)
def test_settings_that_make_no_sense_are_refused(product, env, start):
    assert product.refused(**env).startswith(start)


def test_data_of_another_postgresql_is_refused(product):
    (product.var / "postgres").mkdir()
    (product.var / "postgres" / "PG_VERSION").write_text("17\n")

    assert "comes from PostgreSQL 17 and this is 18: run `make backup`" in product.refused()


def test_a_data_folder_that_holds_no_database_is_refused(product):
    (product.var / "postgres").mkdir()

    assert "holds no database: move" in product.refused()


def test_a_file_where_the_folder_should_be_is_refused(product):
    (product.var / "demo").unlink()
    product.var.rmdir()
    product.var.write_text("")

    assert "is in the way: move it elsewhere" in product.refused()


def test_a_full_disk_is_refused(product):
    full = OSError(errno.ENOSPC, "No space left on device")

    assert (
        str(explained(full, product.var))
        == f"The disk that holds {product.var} is full: free some space, then try again."
    )


def test_commands_for_a_product_that_does_not_run_are_refused(product):
    assert product.refused("manage", "link", "olivia").startswith("Nothing runs in this folder:")


def test_an_environment_that_is_a_link_is_not_emptied(tmp_path):
    """Others may be at work with what it leads to."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "python").touch()
    (tmp_path / ".venv").symlink_to(theirs)

    script = Path(__file__).parents[2] / ".ci" / "venv"
    refused = subprocess.run(["sh", script], cwd=tmp_path, capture_output=True, text=True)

    assert refused.returncode == 1
    assert "remove the link, then try again" in refused.stderr
    assert (theirs / "python").exists()
