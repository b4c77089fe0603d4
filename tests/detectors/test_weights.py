"""Files that detectors work with: kept once by their content, and named only by the project that has them."""

import pytest
from django.test import Client

from annotator.operations.purging import purge_project
from detectors import running, saving, storing, weights, working
from detectors.models import Run, Weights
from projects.errors import Invalid
from projects.models import Project, User
from projects.services import projects
from tests.cast import text
from tests.clients import client_of
from tests.detectors.installing import install


@pytest.fixture(autouse=True)
def weighted(monkeypatch, tmp_path):
    install(monkeypatch, tmp_path, "weighted", "tests.detectors.weighted:Weighted")


def stored(user: User, project: Project, data: bytes, kind: str = "words") -> Weights:
    return storing.store(user, project.pk, name="Cups", kind=kind, data=data, facts={})


def graph(digest: str) -> dict:
    looks = {"id": "looks", "kind": "weighted", "config": {"words": digest}}
    return {
        "nodes": [{"id": "texts", "kind": "items", "config": {"of": "text"}}, looks],
        "edges": [{"source": "texts", "target": "looks"}],
    }


def form(client: Client, project: Project, **told: str) -> str:
    address = f"/projects/{project.pk}/find/"
    return client.post(address, {"kind": "weighted", **told}, headers={"HX-Request": "true"}).content.decode()


def test_the_same_bytes_lie_there_once_under_numbers_of_their_names(alice, project, other_project, mallory):
    ours, again = stored(alice, project, b"one cup"), stored(alice, project, b"one cup")
    stored(mallory, other_project, b"one cup")

    assert [str(ours), str(again)] == ["Cups 1", "Cups 2"]
    assert weights.read(ours.digest) == b"one cup"
    assert weights.stored().count(ours.digest) == 1


def test_a_file_goes_when_no_project_names_it_any_more(
    alice, project, other_project, mallory, django_capture_on_commit_callbacks
):
    ours, theirs = stored(alice, project, b"mine"), stored(alice, project, b"both")
    stored(mallory, other_project, b"both")

    projects.trash(alice, project.pk)

    with django_capture_on_commit_callbacks(execute=True):
        purge_project(alice, project.pk)

    assert ours.digest not in weights.stored()
    assert theirs.digest in weights.stored()


def test_what_a_broken_off_attempt_left_behind_is_collected(alice, project):
    kept = stored(alice, project, b"kept")
    left = weights.digest_of(b"left")
    weights.put(left, b"left")

    storing.collect()

    assert left not in weights.stored()
    assert kept.digest in weights.stored()


@pytest.mark.parametrize("whose", ["another project's", "another kind's", "nobody's"])
def test_a_pipeline_names_only_files_of_its_project(alice, project, other_project, mallory, whose):
    project.labels.create(name="cup", color="#336699", shapes=["span"])
    digest = {
        "another project's": lambda: stored(mallory, other_project, b"theirs").digest,
        "another kind's": lambda: stored(alice, project, b"other", kind="pictures").digest,
        "nobody's": lambda: "0" * 64,
    }[whose]()

    (mistake,) = saving.check(alice, project.pk, graph(digest)).mistakes
    with pytest.raises(Invalid):
        saving.save(alice, project.pk, name="Theirs", graph=graph(digest))

    assert (mistake.node, mistake.field) == ("looks", "words")
    assert mistake.detail == "This project has no such file. Choose one of those that it has."


def test_the_form_offers_the_projects_own_latest_first_and_runs_with_it(alice, project, other_project, mallory):
    item = text(project, alice, "One cup")
    client = client_of(alice)
    page = f"/projects/{project.pk}/find/"
    assert "What a file says" not in client.get(page, headers={"HX-Request": "true"}).content.decode()
    first, second = stored(alice, project, b"saucer"), stored(alice, project, b"cup")
    theirs = stored(mallory, other_project, b"theirs")

    offered = client.get(f"{page}?kind=weighted", headers={"HX-Request": "true"}).content.decode()
    assert offered.index(second.digest) < offered.index(first.digest)
    assert theirs.digest not in offered
    assert "This project has no such file." in form(client, project, words=theirs.digest)
    form(client, project, words=second.digest)

    run = Run.objects.get()
    working.work(run.pk)
    assert run.predictions.get().item == item
    weights.discard(second.digest)
    with pytest.raises(Invalid, match="missing from the storage"):
        running.start(alice, run.version.pipeline_id)
