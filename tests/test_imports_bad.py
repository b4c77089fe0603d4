"""Bad files: each has its sentence, the others come in, and nothing half-done stays."""

import json

import pytest

from annotator.models import Annotation, Sheet
from projects.models import Item
from tests.images import encoded, picture
from tests.imports import imported, looked_at, sentences

pytestmark = pytest.mark.django_db

PNG = encoded(picture(), "PNG")


def coco(annotations: list[dict], **changes: object) -> bytes:
    whole = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "Cup"}]}
    return json.dumps(whole | {"annotations": annotations} | changes).encode()


def box(**changes: object) -> dict:
    return {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]} | changes


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


def test_a_preview_tells_how_many_annotations_can_come_in_and_its_missing_images_at_once(owner, alice, project):
    images = [{"id": n, "file_name": f"{n}.png"} for n in range(1, 6)]
    boxes = [box(id=n, image_id=1 + n % 5) for n in range(1, 9)]
    row = looked_at(alice, project, {"all.json": coco(boxes, images=images), "1.png": PNG})

    card = owner.get(f"/imports/{row.pk}/").content.decode()

    assert (row.preview["annotations"], row.preview["astray"]) == (8, 7)
    assert "1 of 8 annotations can come in: images are missing." in card
    note = "“2.png”, “3.png”, “4.png” and 1 more are not among the dropped files, nor in the project."
    assert sentences(row.preview).count("nor in the project") == 1 and note in sentences(row.preview)

    alone = looked_at(alice, project, {"all.json": coco(boxes, images=images)})
    card = owner.get(f"/imports/{alone.pk}/").content.decode()
    assert "0 of 8 annotations can come in" in card and "Labels that will be made" not in card
    assert alone.preview["nothing"]


@pytest.mark.parametrize(
    ("body", "texts", "says"),
    [
        (b"text,label\n", 0, "t.csv : It has only a header line, and no rows below it."),
        (b"text,tag,tag\na,b,c\n", 0, "t.csv : Its first line calls several columns “tag”. Give each a name of"),
        (b"\ntext,label\na,b\n", 0, "t.csv : Its first line is empty. Take it out, or let it name the columns."),
        (
            b'text,label\nAAA,x\n"unclosed,z\nCCC,w\n',
            1,
            "t.csv line 3: The table cannot be read on: a quote is not closed. Close it, or write it twice.",
        ),
        (b'text,label\nAAA,x\n"closed\nat the end",z', 2, ""),
        (
            "text,label\nGrün,x\nSchön,y\n".encode("cp1252"),
            0,
            "t.csv line 2: A character here is no valid text. Save the file as UTF-8 (in Excel as “CSV UTF-8”) and",
        ),
    ],
)
def test_a_table_that_is_wrong_says_where_and_what_to_do(alice, project, body, texts, says):
    row = looked_at(alice, project, {"t.csv": body})

    assert row.preview["texts"] == texts
    assert sentences(row.preview).startswith(says) if says else not row.preview["problems"]


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


def test_what_is_no_image_is_told_before_it_is_imported_and_not_counted(owner, alice, project):
    """Nor what is drawn on it; what only looks whole is told afterwards."""
    whole = {"images": [{"id": n, "file_name": f"{n}.png"} for n in range(3)], "categories": [{"id": 1, "name": "Cup"}]}
    whole["annotations"] = [box(id=n, image_id=n) for n in range(3)]
    files = {
        "0.png": PNG,
        "1.png": b"<html>Not found</html>",
        "2.png": PNG[:60],
        "all.json": json.dumps(whole).encode(),
    }

    row = looked_at(alice, project, files)
    card = owner.get(f"/imports/{row.pk}/").content.decode()
    report = imported(alice, project, files)

    assert (row.preview["images"], row.preview["nothing"]) == (2, False)
    assert "2 of 3 annotations can come in" in card
    assert [problem["file"] for problem in row.preview["problems"]] == ["1.png"]
    assert row.preview["problems"][0]["detail"].startswith("This is no image we can read.")
    assert report["made"] == {"images": 1, "labels": 1, "annotations": 1}
    assert [problem["file"] for problem in report["problems"]] == ["1.png", "2.png"]
    assert looked_at(alice, project, {"1.png": b""}).preview["nothing"]


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
