"""A run is begun on all items, on those that fit the grid's filters, on chosen ones, or on each that is added."""

import pytest

from detectors import arriving, finding, keeping, running, saving, suggesting, working
from detectors.models import Run, RunState, Scope
from projects.models import Item, Project, User
from projects.services import items as items_of_projects
from projects.services.items import Incoming, Upload
from tests.cast import photo, text
from tests.clients import client_of
from tests.detectors.test_running import CUPS, started, texts, version

FIND = {"kind": "expression", "pattern": "cup", "label": "Cup", "group": "0"}


@pytest.fixture
def labelled(project: Project) -> Project:
    project.labels.create(name="Cup", color="#336699", shapes=["span"])
    return project


def on(run: Run) -> set[int]:
    return {item for part in run.shards.values_list("items", flat=True) for item in part}


def named(project: Project, alice: User, name: str) -> Item:
    return project.items.create(kind="text", name=name, text="a cup", created_by=alice)


def upload(alice: User, project: Project, *names: str) -> list[Item]:
    told = Upload()
    items_of_projects.keep(alice, project, [Incoming(name, text=f"{name}: a cup") for name in names], told)
    return told.created


def shown(item: Item) -> set[int]:
    return {one.run for one in suggesting.on([item.pk])[item.pk]}


@pytest.mark.parametrize(
    ("query", "names", "told"),
    [
        ("", ["a cup", "b cup", "c cup"], "all 3 items"),
        ("q=b&sort=name", ["b cup"], "1 item that fits a filter"),
        ("ids={a},{c}", ["a cup", "c cup"], "2 chosen items"),
    ],
)
def test_find_looks_at_what_the_grid_shows_or_what_is_chosen(alice, labelled, query, names, told):
    items = {name[0]: named(labelled, alice, name) for name in ("a cup", "b cup", "c cup")}
    asked = query.format(**{name: item.pk for name, item in items.items()})
    client = client_of(alice)

    form = client.get(f"/projects/{labelled.pk}/find/?kind=expression&{asked}", headers={"HX-Request": "true"})
    client.post(f"/projects/{labelled.pk}/find/?{asked}", FIND, headers={"HX-Request": "true"})

    run = Run.objects.get()
    assert on(run) == {item.pk for item in items.values() if item.name in names}
    assert run.told == told
    button = "Find in all items" if not query else f"Find in {len(names)} item"
    assert button in form.content.decode()
    panel = client.get(f"/projects/{labelled.pk}/runs/", headers={"HX-Request": "true"}).content.decode()
    assert told in panel


def test_through_the_api_a_run_takes_the_filters_of_the_grid(alice, vera, labelled):
    item, other = named(labelled, alice, "one"), named(labelled, alice, "two")
    pipeline = version(alice, labelled).pipeline_id

    assert client_of(vera).post(f"/api/pipelines/{pipeline}/run/?q=one").status_code == 403
    assert client_of(alice).post(f"/api/pipelines/{pipeline}/run/?status=nonsense").status_code == 400
    client_of(alice).post(f"/api/pipelines/{pipeline}/run/?q=one")

    run = client_of(vera).get(f"/api/projects/{labelled.pk}/runs/").json()[0]
    assert (run["scope"], run["query"], run["count"]) == ("filter", "q=one", 1)
    assert on(Run.objects.get()) == {item.pk} != {other.pk}


def test_a_run_on_some_items_takes_the_place_of_earlier_ones_there_alone(alice, labelled):
    one, other = texts(labelled, alice, 2)
    first = started(alice, labelled)
    working.work(first.pk)

    second = running.start(alice, first.version.pipeline_id, [one.pk])
    assert shown(one) == {first.pk}  # until the new ones are there
    working.work(second.pk)

    assert (shown(one), shown(other)) == ({second.pk}, {first.pk})
    keeping.show(alice, first.pk, False)
    keeping.show(alice, first.pk, True)
    assert shown(one) == {first.pk, second.pk}


def test_what_an_earlier_run_finds_late_gives_way_to_what_a_later_one_has_found(alice, labelled):
    one, other = texts(labelled, alice, 2)
    pipeline = version(alice, labelled).pipeline_id
    earlier = running.start(alice, pipeline, [one.pk, other.pk])
    later = running.start(alice, pipeline, [one.pk])

    working.work(later.pk)
    working.work(earlier.pk)

    assert (shown(one), shown(other)) == ({later.pk}, {earlier.pk})


def test_an_older_version_is_run_beside_without_being_suggested(alice, labelled):
    (item,) = texts(labelled, alice, 1)
    first = started(alice, labelled)
    working.work(first.pk)
    changed = CUPS | {"nodes": [*CUPS["nodes"][:2], CUPS["nodes"][2] | {"config": {"scores": [0.2, 1]}}]}
    pipeline = version(alice, labelled, changed).pipeline_id

    again = running.start(alice, pipeline, [item.pk], number=1, shown=False)
    working.work(again.pk)

    assert again.version.number == 1
    assert shown(item) == {first.pk}


# Items that are added -------------------------------------------------------------------------------------------------


def test_items_that_are_added_are_looked_at_each_once(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    working.work(run.pk)
    arriving.go_on(alice, run.version.pipeline_id, True)

    several = [upload(alice, labelled, f"{n}.txt")[0] for n in range(3)]
    items_of_projects.trash(alice, several[0].pk)
    items_of_projects.restore(alice, several[0].pk)

    run.refresh_from_db()
    assert (run.state, run.count, run.shards.count()) == (RunState.RUNNING, 4, 2)
    working.work(run.pk)
    assert [shown(item) for item in several] == [{run.pk}] * 3
    assert run.predictions.count() == 2 + 3
    assert Run.objects.get().state == RunState.DONE


def test_items_that_are_added_are_looked_at_by_the_version_that_was_saved_last(alice, labelled):
    (item,) = texts(labelled, alice, 1)
    first = started(alice, labelled)
    working.work(first.pk)
    arriving.go_on(alice, first.version.pipeline_id, True)
    changed = CUPS | {"nodes": [*CUPS["nodes"][:2], CUPS["nodes"][2] | {"config": {"scores": [0.2, 1]}}]}
    latest = version(alice, labelled, changed)

    (new,) = upload(alice, labelled, "new.txt")

    run = Run.objects.latest("pk")
    assert (run.version, run.scope, run.told) == (latest, Scope.ADDED, "1 item that was added")
    working.work(run.pk)
    assert (shown(item), shown(new)) == ({first.pk}, {run.pk})


def test_what_no_pipeline_looks_at_is_not_handed_to_one(alice, labelled):
    pipeline = saving.save(alice, labelled.pk, name="Cups", graph=CUPS).pipeline_id
    arriving.go_on(alice, pipeline, True)
    arriving.added(Item, project=labelled.pk, items=[photo(labelled, alice).pk])

    arriving.go_on(alice, pipeline, False)
    upload(alice, labelled, "new.txt")

    assert not Run.objects.exists()


def test_only_managers_say_that_a_pipeline_goes_on(alice, bob, mallory, labelled):
    texts(labelled, alice, 1)
    pipeline = started(alice, labelled).version.pipeline_id
    address, asked = f"/api/pipelines/{pipeline}/", {"goes_on": True}

    assert client_of(bob).patch(address, asked, content_type="application/json").status_code == 403
    assert client_of(mallory).patch(address, asked, content_type="application/json").status_code == 404
    assert client_of(alice).patch(address, asked, content_type="application/json").json()["goes_on"]

    panel = client_of(alice).get(f"/projects/{labelled.pk}/runs/", headers={"HX-Request": "true"}).content.decode()
    assert "It runs on each item that is added" in panel


def test_find_goes_on_where_that_is_asked_for(alice, labelled):
    text(labelled, alice, "cup")

    finding.start(alice, labelled.pk, "expression", {"pattern": "cup", "label": "Cup", "group": 0}, goes_on=True)

    assert Run.objects.get().version.pipeline.goes_on
