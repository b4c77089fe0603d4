"""What crashes, hangs or eats memory does so in a child, and an item that it happens at fails alone."""

import os

import pytest

from detectors import previewing, running, sandbox, saving, working
from detectors.models import Failure, RunState
from detectors.sandbox import Ended
from projects.models import Item
from tests.detectors.installing import install

GRAPH = {
    "nodes": [
        {"id": "texts", "kind": "items", "config": {"of": "text"}},
        {"id": "breaks", "kind": "breaking", "title": "My detector"},
    ],
    "edges": [{"source": "texts", "target": "breaks"}],
}
GOOD = "a cup"


@pytest.fixture
def run(alice, project, monkeypatch, tmp_path):
    """Of the detector that breaks, on texts."""
    install(monkeypatch, tmp_path, "breaking", "tests.detectors.breaking:Breaking")
    project.labels.create(name="Cup", color="#336699", shapes=["span"])

    def start(*texts: str):
        rows = [Item(project=project, kind="text", name=text, text=text, created_by=alice) for text in texts]
        Item.objects.bulk_create(rows)
        version = saving.save(alice, project.pk, name="Breaks", graph=GRAPH)
        return running.start(alice, version.pipeline_id)

    return start


def test_an_item_that_ends_the_detectors_process_fails_alone(run, settings):
    settings.DETECTORS_SECONDS = 1
    bad = {
        "crash": "My detector crashed (SIGSEGV) at this item.",
        "memory": "needs more memory than it may have",
        "for ever": "My detector took longer than 1 seconds, and was ended at this item.",
    }
    started = run("crash", GOOD, "memory", "for ever", GOOD)

    working.work(started.pk)

    started.refresh_from_db()
    assert started.state == RunState.DONE
    assert started.size == 2
    failed = list(Failure.objects.order_by("item").values_list("item__name", "node", "detail"))
    assert [(name, node) for name, node, _ in failed] == [(name, "breaks") for name in bad]
    assert all(bad[name] in detail for name, _, detail in failed)


def test_a_preview_tells_of_each_node_what_it_found_or_why_it_did_not(alice, run, monkeypatch):
    monkeypatch.setattr(previewing, "ALTOGETHER", 1.0)
    project = run(GOOD, "for ever").project
    good, ever = project.items.order_by("pk")

    found = previewing.preview(alice, project.pk, GRAPH, good.pk).nodes["breaks"]
    again = previewing.preview(alice, project.pk, GRAPH, good.pk).nodes["breaks"]
    slow = previewing.preview(alice, project.pk, GRAPH, ever.pk).nodes["breaks"]

    assert (found.count, found.found[0].label, found.found[0].place, found.error) == (1, "Cup", [0, 5], "")
    assert (found.ms is None, again.ms is None, again.count) == (False, True, 1)
    assert slow.count is None
    assert "My detector took longer than 1 seconds" in slow.error
    wrong = previewing.preview(alice, project.pk, GRAPH | {"edges": []}, good.pk)
    assert wrong.mistakes[0].node == "breaks"


def test_children_are_kept_for_the_next_call_and_begun_anew_when_they_have_ended():
    def pid() -> int:
        with sandbox.child() as child:
            (number,) = child.call("tests.detectors.breaking:process")
        return number

    first = pid()
    assert pid() == first != os.getpid()

    with pytest.raises(Ended, match="was killed"), sandbox.child() as child:
        list(child.call("tests.detectors.breaking:killed"))

    assert pid() != first


def test_children_know_no_secrets_and_are_groups_of_their_own():
    with sandbox.child() as child:
        names, leads = child.call("tests.detectors.breaking:about")

    assert not set(names) & {"SECRET_KEY", "DATABASE_URL", "VALKEY_URL"}
    assert leads
