"""The processes that read what strangers send."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from projects import imaging, media
from tests.images import encoded, picture, turned
from tests.waiting import until


def test_a_file_that_takes_the_reader_down_does_not_take_the_others(tmp_path, monkeypatch):
    """A pipe that nobody writes to keeps its reader waiting: that reader is ended, the next goes on."""
    paths = [tmp_path / name for name in ("a.png", "endless.png", "b.png")]
    for path in paths:
        path.write_bytes(encoded(picture(), "PNG"))
    paths[1].unlink()
    os.mkfifo(paths[1])
    monkeypatch.setattr(media, "SECONDS_A_FILE", 1.5)

    found = media.run("inspect", paths)

    assert [answer.get("code", "fine") for answer in found] == ["fine", "damaged", "fine"]


def test_a_full_disk_is_not_told_as_a_damaged_image(tmp_path):
    path = tmp_path / "turned.jpg"
    path.write_bytes(turned(6))
    imaging.rendition_of(path).symlink_to("/dev/full")

    with pytest.raises(OSError) as told:
        media.run("inspect", [path])

    assert told.value.errno == errno.ENOSPC


def test_who_decodes_what_strangers_send_is_told_no_secrets(tmp_path):
    """A pipe keeps the reader waiting while we look."""
    pipe = tmp_path / "a.png"
    os.mkfifo(pipe)

    with ThreadPoolExecutor(1) as elsewhere:
        reading = elsewhere.submit(media.run, "inspect", [pipe])
        until(lambda: readers_of(pipe))
        told = (readers_of(pipe)[0] / "environ").read_text()
        pipe.write_bytes(b"")
        reading.result()

    assert "PATH=" in told
    assert "SECRET_KEY" not in told
    assert "DATABASE_URL" not in told


def readers_of(path):
    return [process for process in Path("/proc").glob("[0-9]*") if str(path) in command_of(process)]


def command_of(process):
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""
