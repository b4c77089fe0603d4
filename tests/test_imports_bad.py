"""Bad files: each has its sentence, the others come in, and nothing half-done stays."""

import io
import json
import stat
import struct
import zipfile
from functools import partial

import pytest

from annotator.imports import archive, recognising
from annotator.models import Annotation, Sheet
from projects.models import Item
from tests.images import encoded, picture
from tests.imports import imported, looked_at, zipped

pytestmark = pytest.mark.django_db

PNG = encoded(picture(), "PNG")


def coco(annotations: list[dict], **changes: object) -> bytes:
    whole = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "Cup"}]}
    return json.dumps(whole | {"annotations": annotations} | changes).encode()


def box(**changes: object) -> dict:
    return {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]} | changes


def sentences(told: dict) -> str:
    return "\n".join(f"{problem['file']} {problem['place']}: {problem['detail']}" for problem in told["problems"])


# Zips -----------------------------------------------------------------------------------------------------------------


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


# JSON and XML ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"images": [{"id": 1', 'From “{"id": 1” on this is no valid JSON. Was the file cut off?'),
        (b'{"images": [{"id": 1}', "The JSON ends too early. Was it cut off?"),
        (b'{"images": [}', "From “}” on this is no valid JSON."),
        (b'{"images": [' + b"[" * 100_000, "nested too deeply"),
        (b'{"images": [\xff\xfe\xfd]}', "is no valid text. Save the file as UTF-8"),
    ],
)
def test_broken_json_says_where(alice, project, body, sentence):
    assert sentence in sentences(looked_at(alice, project, {"broken.json": body}).preview)


ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><annotation><filename>&b;</filename></annotation>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotation><filename>&a;</filename></annotation>'


@pytest.mark.parametrize("body", [ENTITIES, OUTSIDE])
def test_xml_with_entities_is_refused(alice, project, body):
    told = sentences(looked_at(alice, project, {"a.xml": body}).preview)

    assert (
        told
        == "a.xml : The XML defines entities or points to other files, which is refused. Save it without a DOCTYPE."
    )


def test_broken_xml_and_boxes_without_numbers_do_not_stop_the_others(alice, project):
    good = "<annotation><filename>a.png</filename><object><name>Cup</name>{}</object></annotation>"
    edges = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{}</xmax><ymax>8</ymax></bndbox>"
    dropped = {
        "a.png": PNG,
        "good.xml": good.format(edges.format(5)).encode(),
        "words.xml": good.format(edges.format("five")).encode(),
        "cut.xml": good.encode()[:50],
    }

    report = imported(alice, project, dropped)

    assert Annotation.objects.get().shape == {"type": "rectangle", "x": 1, "y": 2, "width": 4, "height": 6}
    assert "words.xml object 1: It has no <bndbox> with four numbers." in sentences(report)
    assert "cut.xml : This is no valid XML" in sentences(report)


# Annotations ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "sentence"),
    [
        (box(image_id=9), "annotation 2: It is of the image 9, which the file does not list."),
        (box(category_id=9), "annotation 2: Its category 9 is not among the file's categories."),
        (box(bbox=[1, 2, 3]), "annotation 2: Its “bbox” has 3 numbers, not four."),
        (box(bbox=["a"]), "annotation 2: It cannot be read"),
        (box(bbox=[900, 900, 5, 5]), "annotation 2: The shape leaves the image of 64 x 32 pixels."),
        (box(bbox=[1, 1, 0, 5]), "annotation 2: A rectangle needs a width and a height above zero."),
        (box(bbox=None, segmentation=[[1, 1, 9, 9, 9, 1, 1, 9]]), "annotation 2: The polygon crosses itself."),
        (box(bbox=None, segmentation=[[1, 1, 9]]), "annotation 2: A ring of its “segmentation” is no list"),
        ("words", "annotation 2: It cannot be read"),
    ],
)
def test_one_bad_annotation_stays_out_and_says_why(alice, project, annotation, sentence):
    report = imported(alice, project, {"all.json": coco([box(id=7), annotation]), "a.png": PNG})

    assert report["made"]["annotations"] == 1
    assert sentence in sentences(report)


def test_a_box_that_reaches_out_is_cut_at_the_edge(alice, project):
    report = imported(alice, project, {"all.json": coco([box(bbox=[-5, -5, 20, 20])]), "a.png": PNG})

    assert Annotation.objects.get().shape == {"type": "rectangle", "x": 0, "y": 0, "width": 15, "height": 15}
    assert report["lost"] == ["1 shape was cut at the edge of its image."]


def test_a_crowd_is_kept_and_told(alice, project):
    report = imported(
        alice, project, {"all.json": coco([box(iscrowd=1), box(id=2, bbox=[5, 5, 5, 5], iscrowd=0)]), "a.png": PNG}
    )

    assert report["made"]["annotations"] == 2
    assert report["lost"] == ["1 crowd is kept as one annotation like any other."]


def test_two_annotations_with_one_id_are_both_taken_and_two_images_are_not(alice, project):
    images = [{"id": 1, "file_name": "a.png"}, {"id": 1, "file_name": "b.png"}]
    body = coco([box(), box(bbox=[5, 5, 5, 5])], images=images)

    report = imported(alice, project, {"all.json": body, "a.png": PNG})

    assert report["made"]["annotations"] == 2
    assert "annotation 2: Another annotation has the id 1 too. Both were taken." in sentences(report)
    assert "image 2: Another image has the id 1. Give each its own." in sentences(report)


def test_annotations_of_images_that_are_nowhere_make_nothing(alice, project):
    report = imported(alice, project, {"all.json": coco([box()])})

    assert report["made"] == {}
    assert "“a.png” is not among the dropped files, nor in the project. Drop it as well." in sentences(report)
    assert not project.labels.exists()


@pytest.mark.parametrize("name", ["n" * 500, "🫖" * 100, "<b>Cup</b>", "کپ ☕"])
def test_a_label_may_have_any_name_that_is_not_too_long(alice, project, name):
    body = coco([box()], categories=[{"id": 1, "name": name}])

    report = imported(alice, project, {"all.json": body, "a.png": PNG})

    if len(name) > 100:
        assert "The label's name has more than 100 characters; what it marks is left out." in sentences(report)
        assert report["lost"] == ["1 annotation is left out, as its label could not be made."]
    else:
        assert project.labels.get().name == name
        assert report["made"]["annotations"] == 1


# Tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_tables_come_in_every_common_spelling(alice, project, encoding, end, between):
    rows = [("text", "label", "price"), ('"Tasse, schön; ja"', "gut", '"1,50"'), ("Löffel", "schlecht", '"2,75"')]
    body = end.join(between.join(row) for row in rows).encode(encoding)

    report = imported(alice, project, {"t.csv": body})

    assert report["problems"] == []
    assert set(Item.objects.values_list("text", flat=True)) == {"Tasse, schön; ja", "Löffel"}
    assert set(project.labels.values_list("name", flat=True)) == {"gut", "schlecht"}


def test_a_column_that_is_not_there_is_told(alice, project):
    report = imported(alice, project, {"t.csv": b"text,label\na,b\n"}, {"t.csv": {"text": "words"}})

    assert sentences(report) == "t.csv : There is no column “words”."
    assert report["made"] == {}


def test_rows_that_do_not_fit_are_told_by_their_line(alice, project):
    body = b'text,label\ngood,yes\n"two\nlines",no\n,no\na,b,c\nlast,yes\n'

    report = imported(alice, project, {"t.csv": body})

    assert report["made"]["texts"] == 3
    assert sentences(report) == (
        "t.csv line 5: It has no text.\nt.csv line 6: The row has 3 cells, the header 2. Put quotes around the text."
    )


def test_one_bad_file_does_not_stop_the_others(alice, project):
    good = {f"{n}.png": encoded(picture(40 + n, 20), "PNG") for n in range(6)}

    report = imported(alice, project, good | {"3.png": PNG[:60], "broken.json": b'{"images": ['})

    assert report["made"] == {"images": 5}
    assert {problem["file"] for problem in report["problems"]} == {"3.png", "broken.json"}


# Halves of characters -------------------------------------------------------------------------------------------------


def test_half_an_emoji_stops_no_other(alice, project):
    half = "\\ud83d"
    texts = ['"good"', f'"cut {half}"', '"nul \\u0000"']
    lines = [f'{{"text": {text}, "label": [[0, 2, "Cup"]]}}' for text in [*texts, texts[0]]]
    lines[3] = lines[3].replace("Cup", half).replace("good", "fine")
    image = {"id": "a\0", "file_name": "\ud83d.png"}
    categories = [{"id": 1, "name": "\ud83d"}, {"id": 2, "name": "Mug"}]
    annotations = [box(image_id="a\0", category_id=1), box(image_id="a\0", category_id=2)]
    dropped = {
        "t.jsonl": "\n".join(lines).encode(),
        "c.json": coco(annotations, images=[image, image], categories=categories),
        "k.jsonl": f'{{"text": "tea", "{half}": "x", "label": "{half}"}}\n{{"text": "nut", "label": "Cup"}}\n'.encode(),
        "w.conll": b"a\0 b c\n",
    }

    report = imported(alice, project, dropped)

    assert set(Item.objects.values_list("text", flat=True)) == {"good", "fine", "nut", "tea"}
    told = sentences(report)
    assert "t.jsonl line 2: It holds a NUL character, or half an emoji or other character." in told
    assert "t.jsonl line 3: It holds a NUL character" in told
    assert "t.jsonl line 4: It holds a NUL character" in told
    assert "c.json image 2: Another image has the id a\ufffd." in told
    assert project.labels.get(name="Cup").annotations.count() == 2


def test_utf_16_without_a_mark_is_read(alice, project):
    for number, encoding in enumerate(["utf-16-le", "utf-16-be"]):
        body = f"text,label\nTasse {number},gut\n".encode(encoding)
        assert imported(alice, project, {"t.csv": body})["problems"] == []

    assert set(Item.objects.values_list("text", flat=True)) == {"Tasse 0", "Tasse 1"}


def test_what_problems_quote_is_shortened(alice, project):
    preview = looked_at(alice, project, {"all.json": coco([box(image_id="x" * 100_000)]), "a.png": PNG}).preview

    [problem] = preview["problems"]
    assert problem["detail"].startswith("It is of the image xxx") and len(problem["detail"]) == 300


def test_a_status_that_cannot_be_set_is_told_and_a_long_reason_shortened(alice, project):
    def item(name, status, reason):
        sheet = {"status": status, "reason": reason, "annotations": []}
        return json.dumps({"type": "item", "kind": "text", "name": name, "text": name, "sheets": [sheet]})

    head = '{"type":"project","labels":[]}'
    lines = [head, item("a", "skipped", "long " * 200), item("b", "skipped", ""), item("c", "done", "")]

    report = imported(alice, project, {"all.jsonl": "\n".join(lines).encode()})

    assert list(Sheet.objects.order_by("item__name").values_list("status", flat=True)) == ["skipped", "todo", "done"]
    assert "all.jsonl a: The reason beside its status was shortened: it may have 500 characters." in sentences(report)
    assert len(report["problems"]) == 2


def test_numbers_that_nothing_holds_are_told_and_the_others_come_in(alice, project):
    ring = [1, 1, 5, 1, 5, 10**20]
    annotations = [
        box(attributes={"track": 10**20, "hash": 10**310}),
        box(id=2, segmentation=[ring]),
        box(id=3, bbox=[1, 1, 2, 2]),
    ]
    span = {"label_name": "Cup", "shape": {"type": "span", "start": 10**20, "end": 10**20 + 3, "quote": "tea"}}
    line = {"type": "item", "kind": "text", "name": "t", "text": "tea", "sheets": [{"annotations": [span]}]}
    lines = '{"type":"project","labels":[]}\n' + json.dumps(line)

    report = imported(alice, project, {"a.json": coco(annotations), "a.png": PNG, "t.jsonl": lines.encode()})

    assert report["made"]["annotations"] == 2
    assert [
        value for values in Annotation.objects.values_list("attributes", flat=True) for value in values.values()
    ] == [1e20]
    assert sentences(report).splitlines() == [
        "t.jsonl line 2: One of its numbers is too large to be kept.",
        "a.json annotation 2: One of its numbers is too large to be kept.",
    ]
    assert "1 list or object among the attributes is left out." in report["lost"]
