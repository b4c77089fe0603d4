import sys

import pytest

from config.supervisor import part
from config.supervisor.part import Part
from tests.supervisor.product import eventually

TALKER = "import time\nwhile True: print('words', flush=True); time.sleep(0.001)"


@pytest.fixture
def talker(tmp_path):
    talker = Part("Talker", [sys.executable, "-c", TALKER], tmp_path / "talker.log", tmp_path)
    talker.start()
    yield talker
    talker.kill()


def test_a_log_that_is_large_begins_anew_while_its_writer_writes_on(talker, monkeypatch):
    monkeypatch.setattr(part, "LARGE_LOG", 1000)
    eventually(lambda: talker.log.stat().st_size > 1000)

    talker.rotate_log()

    eventually(lambda: b"words\nwords\n" in talker.log.read_bytes())
    assert b"\0" not in talker.log.read_bytes(), "its writer left a hole where it had been"
    assert talker.log.with_suffix(".old.log").stat().st_size > 1000


def test_why_a_part_ended_is_told_from_a_log_that_began_anew(talker, monkeypatch):
    monkeypatch.setattr(part, "LARGE_LOG", 1000)
    eventually(lambda: talker.log.stat().st_size > 1000)
    talker.log_start = 1000
    talker.rotate_log()
    eventually(lambda: talker.log.stat().st_size > 0)

    talker.process.terminate()
    talker.process.wait()

    assert talker.ended() == "ended by SIGTERM (words)"
