"""What people download: the right things at the right places, for members only, and no word lost unsaid."""

import csv
import io
import json
import re
import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from annotator.exports import formats, spool
from annotator.formats import FORMATS, load
from annotator.formats.contents import Contents, snapshot
from annotator.messages import Delete
from annotator.models import Annotation
from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from annotator.shapes.span import Span
from annotator.shapes.tag import Tag
from projects.services import items
from tests.cast import photo, text
from tests.exports import change, download, draw, losses, make_car, make_label, mark

pytestmark = pytest.mark.django_db(transaction=True)

LETTER = "Dear Bob 👩‍👩‍👧‍👦!\r\nהמשרד בתל אביב כתב.\n\nVisit the University of California, Los Angeles 🇺🇸."


@pytest.fixture
def car(project):
    return make_car(project)


@pytest.fixture
def place(project):
    return make_label(project, "Place", "span")


@pytest.fixture
def outdoors(project):
    return make_label(project, "Out doors", "tag")


# Who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_viewer_downloads_and_a_stranger_finds_nothing(client, project, alice, vera, mallory, name):
    photo(project, alice)
    text(project, alice, "Paris")
    allowed, _ = download(client, vera, project, name)
    client.force_login(mallory)
    strange = client.get(f"/api/projects/{project.pk}/export/?format={name}")
    formats = client.get(f"/api/projects/{project.pk}/formats/")
    client.logout()
    signed_out = client.get(f"/api/projects/{project.pk}/export/?format={name}")

    assert allowed.status_code == 200
    assert (strange.status_code, formats.status_code, signed_out.status_code) == (404, 404, 401)


def test_an_unknown_format_is_told_with_those_there_are(client, project, vera):
    client.force_login(vera)

    refused = client.get(f"/api/projects/{project.pk}/export/?format=pdf")

    assert refused.status_code == 400
    assert refused.json()["detail"] == "Choose a format: jsonl, coco, yolo, voc, tags, conll, doccano."


def test_in_a_blind_project_one_downloads_ones_own_and_a_reviewer_everyones(client, project, place, bob, rita):
    project.blind = True
    project.save()
    item = text(project, bob, "Paris and Rome")
    draw(item, bob, (place, mark(item, "Paris")))
    draw(item, rita, (place, mark(item, "Rome")))

    quotes = {
        user.username: [
            annotation["shape"]["quote"]
            for line in download(client, user, project, "jsonl")[1].splitlines()[1:]
            for sheet in json.loads(line)["sheets"]
            for annotation in sheet["annotations"]
        ]
        for user in (bob, rita)
    }

    assert quotes == {"bob": ["Paris"], "rita": ["Paris", "Rome"]}


# CSV of tags ---------------------------------------------------------------------------------------------------------


def test_a_table_tells_what_items_are_tagged_with_and_what_it_leaves_out(client, project, car, outdoors, alice):
    wet = make_label(project, "Wet", "tag", attributes=[{"id": "how", "name": "How", "kind": "text", "options": []}])
    both, plain, letter = photo(project, alice), photo(project, alice), text(project, alice, 'Rain, "much" of it\r\n')
    draw(both, alice, (car, Rectangle(1, 2, 3, 4)), (outdoors, Tag()), (wet, Tag(), {"how": "very"}))
    draw(letter, alice, (wet, Tag()))

    response, body = download(client, alice, project, "tags")
    rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))

    assert response["Content-Disposition"] == 'attachment; filename="Kitchen safety CSV of tags.csv"'
    assert [(row["name"], row["label"], row["text"]) for row in rows] == [
        (both.name, '["Out doors", "Wet"]', ""),
        (plain.name, "", ""),
        (letter.name, "Wet", letter.text),
    ]
    assert [(json.loads(row["attributes"] or "{}"), bool(row["file"])) for row in rows] == [
        ({"Wet": {"How": "very"}}, True),
        ({}, True),
        ({}, False),
    ]
    assert losses(client, alice, project, "tags") == [
        "1 annotation that is no tag is left out: JSON Lines holds it.",
        "Who drew what and when, and which items are done, is left out.",
        "Who marked what and when, and which items are done, is left out.",
    ]


def test_what_one_may_not_see_is_not_counted_among_what_a_format_leaves_out(
    client, project, place, outdoors, alice, bob, rita
):
    project.blind = True
    project.save()
    street, letter, gone = photo(project, alice), text(project, alice, "Paris and Rome"), photo(project, alice)
    for item in (street, letter, gone):
        draw(item, bob, (outdoors, Tag()))
        draw(item, rita, (outdoors, Tag()))
    draw(letter, rita, (place, mark(letter, "Paris and")), (place, mark(letter, "Paris")))
    items.trash(alice, gone.pk)

    told = {
        (user.username, name): [line for line in losses(client, user, project, name) if re.search(r"tag|span", line)]
        for user in (bob, rita)
        for name in ("coco", "conll")
    }

    assert told == {
        ("bob", "coco"): ["1 tag of an image is left out: JSON Lines and CSV hold it."],
        ("bob", "conll"): ["1 tag of a text is left out."],
        ("rita", "coco"): ["2 tags of images are left out: JSON Lines and CSV hold them."],
        ("rita", "conll"): [
            "2 tags of texts are left out.",
            "1 span that lies in or over a longer one is left out.",
        ],
    }


# COCO ----------------------------------------------------------------------------------------------------------------


def test_coco_is_read_back_by_pycocotools_with_boxes_and_areas_to_the_float(
    client, project, car, place, outdoors, alice, tmp_path
):
    first, second, letter = photo(project, alice), photo(project, alice), text(project, alice, "Paris")
    triangle = Polygon([(10.5, 10.25), (30.125, 10.25), (10.5, 50.75)])
    draw(first, alice, (car, Rectangle(1.1, 2.2, 30.3, 40.4), {"colour": "red"}), (car, triangle), (outdoors, Tag()))
    [gone] = draw(second, alice, (car, Rectangle(0, 0, 5, 5)))
    change(second, alice, Delete(uuid4(), gone))
    draw(letter, alice, (place, mark(letter, "Paris")))

    response, body = download(client, alice, project, "coco")
    (tmp_path / "coco.json").write_bytes(body)
    coco = COCO(tmp_path / "coco.json")

    assert response["Content-Disposition"] == 'attachment; filename="Kitchen safety COCO JSON.json"'
    assert int(response["Content-Length"]) == len(body)
    assert {image["id"]: (image["width"], image["height"]) for image in coco.loadImgs(coco.getImgIds())} == {
        first.pk: (800, 600),
        second.pk: (800, 600),
    }
    assert coco.loadCats(coco.getCatIds()) == [{"id": car.pk, "name": "Car", "supercategory": ""}]
    box, polygon = coco.loadAnns(coco.getAnnIds())
    assert (box["image_id"], box["bbox"], box["area"]) == (first.pk, [1.1, 2.2, 30.3, 40.4], 30.3 * 40.4)
    assert box["attributes"] == {"Colour": "red"}
    assert polygon["bbox"] == [10.5, 10.25, 19.625, 40.5]
    assert polygon["area"] == pytest.approx(19.625 * 40.5 / 2)
    assert abs(int(coco.annToMask(polygon).sum()) - polygon["area"]) < 25
    assert losses(client, alice, project, "coco")[:2] == [
        "1 text is left out.",
        "1 tag of an image is left out: JSON Lines and CSV hold it.",
    ]


def test_a_format_that_would_hold_nothing_is_not_handed_out_and_says_why(client, project, alice, vera):
    assert json.loads(download(client, vera, project, "jsonl")[1])["name"] == "Kitchen safety"
    photo(project, alice)
    refused = client.get(f"/api/projects/{project.pk}/export/?format=conll")
    formats = client.get(f"/api/projects/{project.pk}/formats/").json()
    page = client.get(reverse("download", args=[project.pk])).content.decode()

    why = "It holds texts, and there are none."
    assert (refused.status_code, refused.json()["detail"]) == (400, why)
    assert {one["id"]: one["why_not"] for one in formats if one["why_not"]} == {"conll": why, "doccano": why}
    assert page.count(why) == 2
    assert "?format=coco" in page
    assert "?format=conll" not in page


# CoNLL ---------------------------------------------------------------------------------------------------------------


def read_conll(body, text):
    """The marked words of a document as (tag, start, end) in the text they were cut from."""
    found, at = [], 0
    for line in body.splitlines():
        if not line or line.startswith("-DOCSTART-"):
            continue
        word, _, _, tag = line.split(" ")
        start = text.index(word, at)
        assert not text[at:start].strip()
        at = start + len(word)
        if tag.startswith("B-"):
            found.append((tag[2:], start, at))
        elif tag.startswith("I-"):
            found[-1] = (tag[2:], found[-1][1], at)
    assert not text[at:].strip()
    return found


def test_conll_marks_the_right_characters_over_emoji_and_hebrew(client, project, place, outdoors, alice):
    letter = text(project, alice, LETTER)
    spans = ["👩‍👩‍👧‍👦", "תל אביב", "University of California, Los Angeles", "🇺🇸"]
    draw(letter, alice, *((place, mark(letter, quote)) for quote in spans))

    _, body = download(client, alice, project, "conll")

    found = read_conll(body.decode(), LETTER)
    assert [LETTER[start:end] for _, start, end in found] == spans
    assert {tag for tag, _, _ in found} == {"Place"}
    assert body.decode().startswith(
        "-DOCSTART- -X- -X- O\n\nDear -X- _ O\nBob -X- _ O\n👩‍👩‍👧‍👦 -X- _ B-Place\n! -X- _ O\n\nהמשרד"
    )


def test_of_nested_spans_conll_keeps_the_longest_and_counts_the_rest(client, project, place, outdoors, alice):
    letter = text(project, alice, LETTER)
    photo(project, alice)
    nested = ["University of California", "University of California, Los Angeles", "Los Angeles 🇺🇸"]
    draw(letter, alice, *((place, mark(letter, quote)) for quote in nested), (outdoors, Tag()))

    _, body = download(client, alice, project, "conll")

    assert [LETTER[start:end] for _, start, end in read_conll(body.decode(), LETTER)] == [nested[1]]
    assert losses(client, alice, project, "conll")[:4] == [
        "1 image is left out.",
        "1 tag of a text is left out.",
        "2 spans that lie in or over a longer one are left out.",
        "White space is not kept: texts are cut into words by our tokeniser “unicode-words-1”.",
    ]


def test_spans_without_a_word_are_counted_as_left_out_and_hide_no_other(client, project, place, alice):
    letter = text(project, alice, "Paris \n\n\u00a0\u2003 Rome")
    white, rome = Span(5, 11, letter.text[5:11]), Span(10, 15, letter.text[10:15])
    draw(letter, alice, (place, white), (place, rome))

    _, body = download(client, alice, project, "conll")

    assert read_conll(body.decode(), letter.text) == [("Place", 11, 15)]
    assert losses(client, alice, project, "conll")[0] == "1 span of white space only is left out."


def test_a_span_over_two_lines_stays_one_and_a_label_with_a_space_one_column(client, project, alice):
    label = make_label(project, "Full address", "span")
    letter = text(project, alice, "10 Downing Street\nLondon\nHello")
    draw(letter, alice, (label, mark(letter, "10 Downing Street\nLondon")))

    _, body = download(client, alice, project, "conll")

    assert body.decode().splitlines()[2:] == [
        "10 -X- _ B-Full_address",
        "Downing -X- _ I-Full_address",
        "Street -X- _ I-Full_address",
        "London -X- _ I-Full_address",
        "",
        "Hello -X- _ O",
        "",
    ]


# JSON Lines ----------------------------------------------------------------------------------------------------------

SHARED = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
VALUES = st.one_of(st.none(), TEXTS)


@SHARED
@given(content=TEXTS, data=st.data())
def test_json_lines_hold_every_row_as_the_database_has_it(client, project, car, place, alice, bob, content, data):
    letter, picture = text(project, alice, content), photo(project, alice)
    ends = data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(1, len(content)))))
    spans = [(place, Span(a, b, content[a:b])) for a, b in ends if a < b]
    sizes = st.floats(0.5, 100, allow_nan=False)
    boxes = data.draw(st.lists(st.tuples(sizes, sizes, sizes, sizes, VALUES), max_size=5))
    draws = [(car, Rectangle(*box), {"colour": value}) for *box, value in boxes]
    for item, person, drawn in ((letter, alice, spans), (picture, bob, draws)):
        if drawn:
            draw(item, person, *drawn)

    lines = [json.loads(line) for line in download(client, alice, project, "jsonl")[1].splitlines()]

    exported = {one["id"]: one for item in lines[1:] for sheet in item["sheets"] for one in sheet["annotations"]}
    rows = list(Annotation.objects.filter(sheet__item__project=project, deleted=False))
    assert exported.keys() == {str(row.pk) for row in rows}
    for row in rows:
        one = exported[str(row.pk)]
        assert (one["label"], one["shape"], one["attributes"]) == (row.label_id, row.shape, row.attributes)
        assert (one["created_by"], one["updated_by"]) == (row.created_by_id, row.updated_by_id)
        assert (one["clock"], one["stamps"]) == (row.clock, row.stamps)
        assert one["created_at"].replace("Z", "+00:00") == row.created_at.isoformat()
    texts = {item["id"]: item["text"] for item in lines[1:]}
    assert texts[letter.pk] == content
    assert texts.keys() == set(project.items.values_list("pk", flat=True))


def test_json_lines_begin_with_labels_people_and_guidelines(client, project, car, place, alice, bob):
    letter = text(project, alice, "Paris")
    draw(letter, bob, (place, mark(letter, "Paris")))

    head = json.loads(download(client, alice, project, "jsonl")[1].splitlines()[0])

    assert [label["name"] for label in head["labels"]] == ["Car", "Place"]
    assert head["labels"][0]["attributes"] == car.attributes
    assert head["people"] == [{"id": alice.pk, "name": "Alice"}, {"id": bob.pk, "name": "Bob"}]


# One moment, few queries, little memory ------------------------------------------------------------------------------


def test_an_export_shows_one_moment_while_others_go_on(project, place, alice, bob):
    letters = [text(project, alice, f"Paris {n}") for n in range(30)]
    for letter in letters[-3:]:
        draw(letter, alice, (place, mark(letter, "Paris")))

    with snapshot():
        lines = load("jsonl").write(Contents(project, alice))
        next(lines), next(lines)
        other = threading.Thread(target=annotate_elsewhere, args=(letters, place, bob, project))
        other.start()
        other.join()
        rest = [json.loads(line) for line in lines]

    assert len(rest) == 29
    assert [len(sheet["annotations"]) for item in rest for sheet in item["sheets"]] == [1, 1, 1]


def annotate_elsewhere(letters, place, bob, project):
    for letter in letters[-5:]:  # of some nothing stood before
        draw(letter, bob, (place, mark(letter, "Paris")))
    text(project, bob, "too late")
    connection.close()


@pytest.mark.parametrize("name", FORMATS)
def test_the_number_of_queries_does_not_grow_with_the_project(project, place, car, alice, name):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            spool(Contents(project, alice), load(name))
        return len(captured)

    def grow(count):
        for _ in range(count):
            letter, picture = text(project, alice, "Paris"), photo(project, alice)
            draw(letter, alice, (place, mark(letter, "Paris")))
            draw(picture, alice, (car, Rectangle(0, 0, 5, 5)))

    grow(1)
    few = queries()
    grow(6)

    assert queries() == few


def test_annotations_are_counted_once_for_all_formats(project, place, car, alice):
    letter, street = text(project, alice, "Paris"), photo(project, alice)
    draw(letter, alice, (place, mark(letter, "Paris")))
    draw(street, alice, (car, Rectangle(0, 0, 5, 5)))

    with CaptureQueriesContext(connection) as asked:
        offered = formats(Contents(project, alice))

    assert [one["id"] for one in offered] == list(FORMATS)
    assert len([one for one in asked if "annotator_annotation" in one["sql"]]) == 2  # the spans are read, too
