"""What models proposed is kept for runs, beside what people said."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.urls import reverse

from annotator import moving, returning
from annotator.models import Annotation
from annotator.operations.purging import purge_item, purge_project
from annotator.proposals import Proposal
from annotator.shapes import Rectangle
from detectors import keeping
from detectors.models import Prediction, Run
from projects.models import Item, Label, Project, User
from projects.services import items, projects
from tests.cast import photo
from tests.images import encoded, picture
from tests.imports import imported, looked_at

PNG = encoded(picture(), "PNG")
BOX = {"bbox": [1, 2, 3, 4], "score": 0.9}
RECTANGLE = {"type": "rectangle", "x": 1, "y": 1, "width": 2, "height": 2}
COCO = {"images": [{"id": 7, "file_name": "a.png"}], "categories": [{"id": 3, "name": "Cup"}], "annotations": []}


def results(*values: dict) -> bytes:
    return json.dumps(values).encode()


def lines(*values: dict) -> bytes:
    return "\n".join(json.dumps({"type": "prediction"} | value) for value in values).encode()


def kept() -> list[tuple]:
    found = Prediction.objects.order_by("item", "score").values_list("item__name", "label__name", "score")
    return list(found)


def named_photo(project: Project, creator: User, name: str) -> Item:
    item = photo(project, creator)
    Item.objects.filter(pk=item.pk).update(name=name)
    return item


@pytest.fixture
def files() -> dict[str, bytes]:
    ours, other = {"image_id": 7, "category_id": 3} | BOX, {"image_id": 8, "category_id": 3} | BOX
    return {"a.png": PNG, "coco.json": json.dumps(COCO).encode(), "results.json": results(ours, other)}


def test_a_number_that_is_too_large_spoils_no_other(alice, project):
    item = named_photo(project, alice, "a.png")
    project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    shape = {"type": "rectangle", "x": 1, "y": 1, "width": 2, "height": 2}
    good = {"item": item.pk, "label": "Cup", "shape": shape, "score": 0.5}

    report = imported(alice, project, {"p.jsonl": lines(good | {"item": 10**20}, good)})

    assert [problem["detail"] for problem in report["problems"]] == ["One of its numbers is too large to be kept."]
    assert kept() == [("a.png", "Cup", 0.5)]


def test_one_that_fits_later_takes_no_others_place(alice, project):
    named_photo(project, alice, "a.png")
    cup = project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    shape = {"type": "rectangle", "x": 1, "y": 1, "width": 2, "height": 2}
    ones = [{"item": "a.png", "label": label, "shape": shape, "score": 0.5} for label in (cup.pk + 1, cup.pk)]

    imported(alice, project, {"p.jsonl": lines(*ones)})
    Label(pk=cup.pk + 1, project=project, name="Mug", color="#336699", shapes=["rectangle"]).save()
    report = imported(alice, project, {"p.jsonl": lines(*ones)})

    assert (report["made"]["predictions"], report["there"]["predictions"], len(kept())) == (1, 1, 2)


def test_coco_results_are_told_and_kept_beside_the_annotations(alice, project, files, client):
    preview = looked_at(alice, project, files).preview

    report = imported(alice, project, files)

    assert (preview["annotations"], preview["predictions"]) == (0, 1)
    assert {one["title"] for one in preview["sources"]} == {"COCO JSON", "COCO results"}
    assert report["made"] == {"images": 1, "labels": 1, "predictions": 1}
    assert [problem["detail"] for problem in report["problems"]] == [
        "Its image 8 or its category 3 is not among those of coco.json."
    ]
    assert kept() == [("a.png", "Cup", 0.9)]
    assert Prediction.objects.get().shape == {"type": "rectangle", "x": 1, "y": 2, "width": 3, "height": 4}
    assert (Run.objects.get().name, Run.objects.get().created_by) == ("results.json", alice)
    assert not Annotation.objects.exists()
    client.force_login(alice)
    formats = client.get(f"/api/projects/{project.pk}/formats/").json()
    assert all("1 prediction of a model is left out." in one["loses"] for one in formats)
    page = client.get(reverse("project", args=[project.pk])).content.decode()
    assert "results.json" in page and "1 prediction ·" in page


def test_the_same_file_twice_changes_nothing(alice, project, files):
    imported(alice, project, files)
    before = set(Prediction.objects.values_list("pk", flat=True))

    report = imported(alice, project, files)

    assert report["made"] == {}
    assert report["there"]["predictions"] == 1
    assert set(Prediction.objects.values_list("pk", flat=True)) == before
    assert Run.objects.count() == 1


def test_results_alone_go_by_the_ids_of_our_own_download_or_by_the_files_names(alice, project):
    label = project.labels.create(name="Cup", color="#f4b740", shapes=["rectangle"])
    first = named_photo(project, alice, "first.png")
    named_photo(project, alice, "second.png")
    body = results(
        {"image_id": first.pk, "category_id": label.pk} | BOX, {"image_id": "second", "category_id": label.pk} | BOX
    )

    assert imported(alice, project, {"r.json": body})["made"] == {"predictions": 2}
    assert [item for item, *_ in kept()] == ["first.png", "second.png"]


def test_lines_with_predictions_of_images_and_texts(alice, project):
    named_photo(project, alice, "a.png")
    items.add_text(alice, project.pk, name="letter", text="A kettle.")
    span = {"type": "span", "start": 2, "end": 8, "quote": "kettle"}
    box = {"type": "rectangle", "x": 1, "y": 2, "width": 3, "height": 4}
    body = lines(
        {"item": "a.png", "label": "Cup", "shape": box, "score": 0.5},
        {"item": "letter", "label": "Thing", "shape": span, "score": 0.75},
        {"item": "letter", "label": "Thing", "shape": span | {"end": 9}, "score": 0.75},
        {"item": "nobody", "label": "Thing", "shape": span, "score": 0.75},
        {"item": "letter", "label": "Thing"},
    )

    report = imported(alice, project, {"predictions.jsonl": body})

    assert report["made"] == {"labels": 2, "predictions": 2}
    assert kept() == [("a.png", "Cup", 0.5), ("letter", "Thing", 0.75)]
    assert sorted(problem["place"] for problem in report["problems"]) == ["line 3", "line 4", "line 5"]


def test_no_label_is_made_of_predictions_whose_items_are_not_known(alice, project):
    named_photo(project, alice, "a.png")
    ones = [("nobody.png", "Alien"), ("nobody.png", "Cup"), ("a.png", "Cup")]
    body = lines(*({"item": item, "label": label, "shape": RECTANGLE, "score": 0.5} for item, label in ones))

    report = imported(alice, project, {"p.jsonl": body})

    assert (report["made"], len(report["problems"])) == ({"labels": 1, "predictions": 1}, 2)
    assert list(project.labels.values_list("name", flat=True)) == ["Cup"]


def test_a_manager_removes_a_run_and_has_it_again_by_the_same_file(alice, project, files, client):
    imported(alice, project, files)
    client.force_login(alice)
    address = f"/api/projects/{project.pk}/runs/"
    run = client.get(address).json()[0]
    assert (run["name"], run["size"], run["created_by"]["name"]) == ("results.json", 1, "Alice")
    assert keeping.uses(Prediction.objects.get().label_id)

    removed = client.post(reverse("remove-run", args=[run["id"]])).content.decode()

    assert "results.json" not in removed
    keeping.clear_all()
    assert (Run.objects.count(), Prediction.objects.count(), keeping.count(project.pk)) == (0, 0, 0)
    assert imported(alice, project, files)["made"] == {"predictions": 1}


def test_a_run_that_is_removed_while_it_is_brought_in_stays_removed(alice, project, monkeypatch):
    item = named_photo(project, alice, "a.png")
    cup = project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    shape = Rectangle(x=1, y=1, width=2, height=2)

    def proposals() -> Iterator[Proposal]:
        for number in range(10):
            if number == 4:
                keeping.remove(alice, Run.objects.get().pk)
            yield Proposal(item.pk, cup.pk, shape, 0.5, number)

    made = keeping.keep(alice, project, name="r.json", digest="1", proposals=proposals())

    keeping.clear(Run.objects.get().pk)
    assert (made, Run.objects.count(), Prediction.objects.count()) == ((4, 0), 0, 0)


def test_what_is_erased_takes_its_predictions_along(alice, project, files):
    imported(alice, project, files)
    item = project.items.get()
    other = named_photo(project, alice, "b.png")
    both = [{"item": one.pk, "label": "Cup", "shape": RECTANGLE, "score": 0.5} for one in (item, other)]
    imported(alice, project, {"p.jsonl": lines(*both)})
    items.trash(alice, item.pk)

    purge_item(alice, item.pk)

    assert kept() == [("b.png", "Cup", 0.5)]
    assert list(Run.objects.values_list("name", "size")) == [("p.jsonl", 1)]


def test_predictions_stay_behind_when_their_item_moves_and_go_with_their_project(alice, project, files):
    imported(alice, project, files)
    item = project.items.get(name="a.png")
    archive = projects.create(alice, name="Archive")

    said = moving.preview(alice, project.pk, archive.pk, [item.pk])
    done = uuid4()
    moving.carry_out(alice, project.pk, archive.pk, [item.pk], done)
    counted = [keeping.count(one.pk) for one in (project, archive)]
    returning.take_back(alice, project.pk, [item.pk], done, uuid4())

    assert (said.predictions, counted) == (1, [1, 0])
    moving.carry_out(alice, project.pk, archive.pk, [item.pk], uuid4())
    projects.trash(alice, project.pk)
    purge_project(alice, project.pk)
    assert (Run.objects.count(), Prediction.objects.count()) == (0, 0)
