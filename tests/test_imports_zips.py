"""Bad zips: each has its sentence, and what is good in them comes in."""

import io
import stat
import struct
import zipfile
from functools import partial

import pytest

from annotator.imports import archive, recognising
from projects.models import Item
from tests.images import encoded, picture
from tests.imports import imported, looked_at, sentences, zipped

pytestmark = pytest.mark.django_db

PNG = encoded(picture(), "PNG")


def entry(archive: zipfile.ZipFile, name: str, body: bytes, mode: int) -> None:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    archive.writestr(info, body)


def test_a_zip_with_paths_outside_links_and_devices_gives_only_its_files(alice, project):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zip_:
        zip_.writestr("good.png", PNG)
        zip_.writestr("../../evil.png", PNG)
        zip_.writestr("/etc/evil.png", PNG)
        zip_.writestr("C:\\evil.png", PNG)
        zip_.writestr("__MACOSX/._good.png", b"junk")
        entry(zip_, "link.png", b"/etc/passwd", stat.S_IFLNK | 0o777)
        entry(zip_, "pipe", b"", stat.S_IFIFO | 0o666)

    report = imported(alice, project, {"set.zip": out.getvalue()})

    assert list(Item.objects.values_list("name", flat=True)) == ["good.png"]
    told = sentences(report)
    assert told.count("Its path leads out of the folder.") == 3
    assert "link.png: It is a link to another file." in told
    assert "pipe: It is no file but a device or a pipe." in told
    assert len(report["problems"]) == 5


def test_a_zip_bomb_is_not_opened(alice, project, monkeypatch):
    monkeypatch.setattr(archive, "LARGE", 2**20)
    bomb = zipped({"bomb.txt": b"0" * 8 * 2**20})

    preview = looked_at(alice, project, {"bomb.zip": bomb}).preview

    assert "Unpacked, the zip would have" in sentences(preview)
    assert (preview["images"], preview["texts"]) == (0, 0)


def test_a_zip_of_very_many_entries_is_not_opened(alice, project, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 50)

    preview = looked_at(alice, project, {"many.zip": zipped({f"{n}.txt": b"x" for n in range(60)})}).preview

    assert "There are more than 50 files in zips. Import them in parts." in sentences(preview)
    assert preview["texts"] == 0


def test_a_zip_that_tells_fewer_entries_than_it_has_is_not_opened(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 10)  # so that so few are told as of a large zip
    body = bytearray(zipped({f"{n}.txt": b"x" for n in range(60)}))
    body[-22 + 8 : -22 + 16] = struct.pack("<HHL", 1, 1, 100)
    body[-22 - 20 + 8 : -22 - 20 + 12] = b"PK\6\6"  # where zipfile does not look

    assert len(zipfile.ZipFile(io.BytesIO(body)).infolist()) == 60
    assert archive.counted(io.BytesIO(body), 50) == 51  # counted no further
    body[-22 - 76 + 32 : -22 - 76 + 40] = struct.pack("<Q", 1)
    assert archive.counted(io.BytesIO(body), 50) == 51


def test_a_zip_whose_list_is_longer_than_itself_is_not_opened():
    body = bytearray(zipped({"a.txt": b"x"}))
    body[-22 + 12 : -22 + 16] = b"\xff\xff\xff\xff"

    with pytest.raises(archive.Refused, match="longer than itself"):
        archive.opened(io.BytesIO(body), 50)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_one_bad_member_does_not_stop_the_others(alice, project, kind):
    """Every byte of it is flipped in turn."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as zip_:
        zip_.writestr("bad.jsonl", b'{"text": "words"}\n')
    whole = out.getvalue()
    begin, end = 30 + len("bad.jsonl"), whole.index(b"PK\1\2")
    good = ("good.txt", 5, lambda: io.BytesIO(b"words"))
    for at in [*range(4, 30), *range(begin, end)]:
        body = bytearray(whole)
        body[at] ^= 255
        with archive.gathered([("set.zip", len(body), partial(io.BytesIO, body)), good]) as folder:
            found = recognising.recognise(folder)
            gathering = recognising.gathered(folder, found)

        assert found.texts == ["good.txt"]
        assert gathering.problems or gathering.texts


def test_zips_are_counted_together(alice, project, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 50)
    some = zipped({f"{n}.txt": b"x" for n in range(30)})

    preview = looked_at(alice, project, {"a.zip": some, "b.zip": some}).preview

    assert sentences(preview) == "b.zip : There are more than 50 files in zips. Import them in parts."
    assert preview["texts"] == 30


@pytest.mark.parametrize("cut", [0, 10, -5])
def test_a_zip_that_is_cut_off_says_so(alice, project, cut):
    preview = looked_at(alice, project, {"cut.zip": zipped({"a.txt": b"words" * 100})[:cut]}).preview

    assert "This is no zip, or not all of it has arrived." in sentences(preview)


def test_a_damaged_image_in_a_zip_does_not_stop_the_others(alice, project):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zip_:
        zip_.writestr("a.png", PNG)
        zip_.writestr("b.png", PNG + b"second")
    body = bytearray(out.getvalue())
    body[body.index(b"second")] ^= 255  # its checksum no longer fits

    report = imported(alice, project, {"set.zip": bytes(body)})

    assert list(Item.objects.values_list("name", flat=True)) == ["a.png"]
    assert "b.png : It cannot be unpacked" in sentences(report)


def test_a_zip_with_a_password_and_a_zip_in_a_zip_are_told(alice, project):
    body = bytearray(zipped({"secret.txt": b"words", "inner.zip": zipped({"a.txt": b"x"})}))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        body[body.index(mark) + at] |= 1

    told = sentences(looked_at(alice, project, {"set.zip": bytes(body)}).preview)

    assert "secret.txt: It is protected by a password." in told
    assert "inner.zip : It is packed." in told
