"""Label Studio's files: its JSON, JSON-MIN, and the JSON in the cells of its tables."""

import json

import pytest

from annotator.shapes import Polygon, Rectangle, Span, Tag
from tests.images import encoded, picture
from tests.imports import drawn_on, found_in, told

PNG = encoded(picture(8, 4), "PNG")
BOXED = {"x": 10, "y": 20, "width": 50, "height": 40, "rotation": 0, "rectanglelabels": ["Cup"]}
TURNED = {"x": 50, "y": 0, "width": 25, "height": 50, "rotation": 90, "rectanglelabels": ["Cup"]}
OUTLINED = {"points": [[0, 0], [50, 0], [50, 50]], "polygonlabels": ["Spoon"]}
SPAN = {"start": 2, "end": 5, "text": "Ana", "labels": ["PER"]}  # after an emoji, as browsers count
SIZE = {"original_width": 8, "original_height": 4}


@pytest.mark.parametrize(
    "tasks",
    [
        [
            {
                "id": 1,
                "data": {"image": "/data/upload/1/0a1b2c3d-a.png"},
                "annotations": [{"result": [{"value": one, **SIZE} for one in (BOXED, TURNED, OUTLINED)]}],
            },
            {"id": 2, "data": {"text": "👋Ana"}, "annotations": [{"result": [{"value": SPAN}]}]},
            {"id": 3, "data": {"text": "fine"}, "annotations": [{"result": [{"value": {"choices": ["good"]}}]}]},
        ],
        [
            {"img": "a.png", "id": 1, "label": [{**one, **SIZE} for one in (BOXED, TURNED, OUTLINED)]},
            {"id": 2, "text": "👋Ana", "label": [SPAN]},
            {"text": "fine", "id": 3, "mood": "good", "said": "a long answer in words"},
        ],
    ],
    ids=["JSON", "JSON-MIN"],
)
def test_label_studio(tasks):
    least = "data" not in tasks[0]
    tasks = [{**task, "annotator": 1, "annotation_id": 7} if least else task for task in tasks]

    found, gathering = found_in({"a.png": PNG, "project-1.json": json.dumps(tasks).encode()})

    assert (found.images, gathering.texts, told(gathering), gathering.named) == (["a.png"], 2, [], {})
    assert gathering.lost == {"people": 1, "turned": 1} | ({"results": 1} if least else {})
    drawn = [(one.label, one.shape) for one in drawn_on(gathering, "file a.png")]
    assert drawn[::2] == [("Cup", Rectangle(0.1, 0.2, 0.5, 0.4)), ("Spoon", Polygon([(0, 0), (0.5, 0), (0.5, 0.5)]))]
    corners = [(0.5, 0), (0.5, 0.5), (0.25, 0.5), (0.25, 0)]
    assert [pytest.approx(corner) for corner in drawn[1][1].points] == corners
    drawn = [one for target, _ in gathering.text_items() for one in drawn_on(gathering, target)]
    assert [(one.label, one.shape) for one in drawn] == [("PER", Span(1, 4, "Ana")), ("good", Tag())]


def test_label_studios_table_holds_json_in_its_cells():
    rows = [["text", "label", "lead_time", "annotation_id"], ["👋Ana", json.dumps([SPAN]), "1", "1"]]
    rows.append(["fine", '{"choices": ["good", "short"]}', "1", "2"])
    body = "\n".join("\t".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)

    _, gathering = found_in({"t.tsv": body.encode()})

    assert {name: one.shapes for name, one in gathering.labels.items()} == {
        "PER": ["span"],
        "good": ["tag"],
        "short": ["tag"],
    }


def test_what_is_said_of_a_box_makes_no_box_of_its_own():
    place = {"x": 10, "y": 20, "width": 50, "height": 40}
    said = [BOXED, {**place, "choices": ["dirty"]}, {**place, "text": ["EXIT"]}, place]
    result = [{"id": "a", "value": one, **SIZE} for one in said]
    task = {"id": 1, "data": {"image": "a.png"}, "annotations": [{"result": result}]}

    _, gathering = found_in({"a.png": PNG, "project-1.json": json.dumps([task]).encode()})

    assert [one.label for one in drawn_on(gathering, "file a.png")] == ["Cup"]
    assert gathering.lost == {"people": 1, "results": 2}


def test_a_cell_of_json_without_a_label_is_none():
    rows = ["text\tlabel\tlead_time\tannotation_id", "fine\t[]\t1\t1", '"good"\t"[{""start"": 0, ""end"": 2}]"\t1\t2']

    _, gathering = found_in({"t.tsv": "\n".join(rows).encode()})

    assert (gathering.texts, [*gathering.labels], gathering.lost["results"]) == (2, [], 1)
