"""Two runs of a pipeline on the same items: what both found, what only one did, and where they differ most."""

import numpy as np
import pytest
from django.utils import timezone

from annotator.shapes import Rectangle, Span
from detectors import comparing, running, working
from detectors.models import Comparison, Run
from projects.models import Item, Project, User
from tests.clients import client_of
from tests.detectors.test_running import CUPS, texts, version

ONE_CUP = CUPS | {
    "nodes": [CUPS["nodes"][0], {"id": "cups", "kind": "expression", "config": {"pattern": "cup", "label": "Cup"}}]
}
ONE_CUP["edges"] = CUPS["edges"][:1]
TWO = CUPS | {
    "nodes": [
        *CUPS["nodes"][:1],
        {"id": "cups", "kind": "expression", "config": {"pattern": "cups|One", "label": "Cup"}},
    ]
}
TWO["edges"] = CUPS["edges"][:1]


@pytest.fixture
def labelled(project: Project) -> Project:
    project.labels.create(name="Cup", color="#336699", shapes=["span"])
    return project


def run(alice: User, project: Project, graph: dict, items: list[int] | None = None) -> Run:
    begun = running.start(alice, version(alice, project, graph).pipeline_id, items)
    working.work(begun.pk)
    return Run.objects.get(pk=begun.pk)


def test_boxes_that_share_half_are_the_same_and_spans_that_overlap():
    def box(x: float, label: int = 1) -> comparing.Found:
        return label, Rectangle(x, 0, 10, 10), 0.5

    def span(start: int, end: int) -> comparing.Found:
        return 1, Span(start, end, "x" * (end - start)), 0.5

    assert comparing.matched([box(0)], [box(3), box(1)]) == [(0, 1)]  # the one that shares more
    assert comparing.matched([box(0)], [box(4)]) == []  # 6 of 14
    assert comparing.matched([box(0)], [box(0, label=2)]) == []
    assert comparing.matched([span(0, 4)], [span(3, 9)]) == [(0, 0)]
    assert comparing.matched([span(0, 4)], [span(4, 9)]) == []
    assert np.size(comparing.matched([], [box(0)])) == 0


def test_what_both_found_and_only_one_is_told_by_label_and_by_item(alice, vera, mallory, labelled):
    items = texts(labelled, alice, 3)
    first = run(alice, labelled, ONE_CUP)  # "cup" twice in each
    second = run(alice, labelled, TWO, [item.pk for item in items[:2]])  # "cups" and "One"
    address = f"/api/runs/{first.pk}/compare/{second.pk}/"

    assert client_of(mallory).get(address).status_code == 404
    assert client_of(vera).get(address).status_code == 202
    comparing.reckon(Comparison.objects.get().pk)
    told = client_of(vera).get(address).json()

    assert (told["items"], told["missing_a"], told["missing_b"]) == (2, 0, 1)
    (cup,) = told["labels"]
    assert (cup["both"], cup["only_a"], cup["only_b"], cup["surer"]) == (2, 2, 2, 0)
    assert [one["item"] for one in told["differing"]] == [items[0].pk, items[1].pk]
    assert told["differing"][0]["name"] == items[0].name
    Item.objects.filter(pk=items[0].pk).update(trashed_at=timezone.now())
    assert [one["item"] for one in client_of(vera).get(address).json()["differing"]] == [items[1].pk]


def test_where_one_version_has_not_looked_at_an_item_it_can_be_run_there_without_being_suggested(alice, vera, labelled):
    texts(labelled, alice, 3)
    first = run(alice, labelled, ONE_CUP)
    second = run(alice, labelled, TWO, [labelled.items.first().pk])
    address = f"/projects/{labelled.pk}/pipelines/{first.version.pipeline_id}/compare/"
    client = client_of(alice)
    assert client.get(address).headers["Location"] == f"{address}?a={first.pk}&b={second.pk}"
    assert "Both are being compared" in client.get(f"{address}?a={first.pk}&b={second.pk}").content.decode()
    comparing.reckon(Comparison.objects.get().pk)
    shown = client.get(f"{address}?a={first.pk}&b={second.pk}").content.decode()
    assert "The second has not looked at 2 of the first’s items." in shown and "Run version 2" in shown
    assert "Run version 2" not in client_of(vera).get(f"{address}?a={first.pk}&b={second.pk}").content.decode()
    assert client_of(vera).post(address, {"a": first.pk, "b": second.pk}).status_code == 403

    answer = client.post(address, {"a": first.pk, "b": second.pk})

    third = Run.objects.latest("pk")
    assert answer.headers["Location"] == f"{address}?a={first.pk}&b={third.pk}"
    assert (third.version, third.count, third.shown) == (second.version, 3, False)
