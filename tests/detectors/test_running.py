"""Pipelines are saved as versions and run on items by workers, shard by shard; what they find is suggested."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from annotator.operations.purging import purge_item
from detectors import outputs, running, saving, sharding, suggesting, working
from detectors.models import Failure, Output, PipelineVersion, Prediction, Run, RunState, Shard
from projects.errors import Conflict, Invalid
from projects.models import Item, Media, Project, User
from projects.services import items as items_of_projects
from tests.clients import client_of
from tests.images import encoded, picture
from tests.waiting import until

CUPS = {
    "nodes": [
        {"id": "texts", "kind": "items", "config": {"of": "text"}},
        {"id": "cups", "kind": "expression", "config": {"pattern": "cups?", "label": "Cup"}},
        {"id": "sure", "kind": "filter", "config": {"scores": [0.1, 1]}},
    ],
    "edges": [{"source": "texts", "target": "cups"}, {"source": "cups", "target": "sure"}],
}
TEXT = "One cup, two cups 🫖 and a כוס."


@pytest.fixture
def labelled(project: Project) -> Project:
    project.labels.create(name="Cup", color="#336699", shapes=["span", "polygon"])
    return project


def texts(project: Project, alice: User, count: int) -> list[Item]:
    rows = [
        Item(project=project, kind="text", name=f"{n}.txt", text=f"{n}: {TEXT}", created_by=alice) for n in range(count)
    ]
    return Item.objects.bulk_create(rows)


def version(alice: User, project: Project, graph: dict = CUPS) -> PipelineVersion:
    return saving.save(alice, project.pk, name="Cups", graph=graph)


def started(alice: User, project: Project) -> Run:
    return running.start(alice, version(alice, project).pipeline_id)


def told(run: Run) -> list[tuple]:
    found = run.predictions.order_by("item", "shape__start")
    return [(one.item_id, one.shape["quote"], round(one.score, 3)) for one in found]


# Running --------------------------------------------------------------------------------------------------------------


def test_a_run_suggests_what_the_pipeline_finds_in_each_item(alice, labelled):
    items = texts(labelled, alice, 45)
    run = started(alice, labelled)
    assert running.progress(run).done == 0

    assert working.work(run.pk) is False

    run.refresh_from_db()
    assert (run.state, run.size, run.shards.count()) == (RunState.DONE, 90, 3)
    assert running.progress(run).done == 45
    found = suggesting.on([items[7].pk])[items[7].pk]
    assert sorted((one.shape.quote, one.shape.start) for one in found) == [("cup", 7), ("cups", 16)]


def test_the_same_run_twice_suggests_the_same_and_only_the_later_one_shows(alice, labelled):
    (item,) = texts(labelled, alice, 1)
    first = started(alice, labelled)
    working.work(first.pk)

    second = started(alice, labelled)
    working.work(second.pk)

    assert told(first) == told(second) != []
    assert {one.run for one in suggesting.on([item.pk])[item.pk]} == {second.pk}


def test_what_a_node_found_once_is_not_looked_for_again(alice, labelled):
    texts(labelled, alice, 3)
    working.work(started(alice, labelled).pk)
    kept = set(Output.objects.values_list("pk", flat=True))
    changed = CUPS | {"nodes": [*CUPS["nodes"][:2], CUPS["nodes"][2] | {"config": {"scores": [0.2, 1]}}]}
    version(alice, labelled, changed)

    working.work(started_again := running.start(alice, version(alice, labelled, changed).pipeline_id).pk)

    assert Run.objects.get(pk=started_again).size == 6
    assert Output.objects.count() == len(kept) + 3  # of the last node alone
    assert kept < set(Output.objects.values_list("pk", flat=True))


def test_what_was_found_long_ago_is_not_kept(alice, labelled):
    texts(labelled, alice, 1)
    working.work(started(alice, labelled).pk)
    old = Output.objects.first()
    Output.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=31))

    outputs.forget_old()

    assert not Output.objects.filter(pk=old.pk).exists()
    assert Output.objects.exists()


def test_a_label_that_is_renamed_while_a_run_is_under_way_is_given_still(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    labelled.labels.update(name="Mug")

    working.work(run.pk)

    assert set(run.predictions.values_list("label__name", flat=True)) == {"Mug"}


def test_on_some_items_alone(alice, labelled):
    items = texts(labelled, alice, 3)

    run = running.start(alice, version(alice, labelled).pipeline_id, [items[1].pk])
    working.work(run.pk)

    assert {item for item, *_ in told(run)} == {items[1].pk}


def test_an_item_that_cannot_be_read_fails_alone_and_can_be_tried_again(alice, labelled):
    data = encoded(picture(width=200, height=100), "PNG")
    good, bad = (photo_of(labelled, alice, data + bytes(n)) for n in range(2))
    default_storage.delete(bad.media.path)
    graph = {
        "nodes": [
            {"id": "photos", "kind": "items"},
            {"id": "shapes", "kind": "contours", "config": {"label": "Cup"}},
        ],
        "edges": [{"source": "photos", "target": "shapes"}],
    }
    run = running.start(alice, version(alice, labelled, graph).pipeline_id)

    working.work(run.pk)

    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert [failure.item for failure in Failure.objects.all()] == [bad]
    default_storage.save(bad.media.path, ContentFile(data + bytes(1)))
    running.retry(alice, run.pk)
    working.work(run.pk)
    assert not Failure.objects.exists()
    assert running.progress(Run.objects.get(pk=run.pk)).state == RunState.DONE
    assert good.predictions.count() == bad.predictions.count()


def photo_of(project: Project, alice: User, data: bytes) -> Item:
    media = Media.objects.create(
        sha256=sha256(data).hexdigest(), content_type="image/png", size=len(data), width=200, height=100
    )
    default_storage.save(media.path, ContentFile(data))
    return project.items.create(kind="image", name="a.png", media=media, width=200, height=100, created_by=alice)


def test_a_label_that_does_not_take_the_shape_is_told_and_once_it_does_what_failed_is_tried_again(alice, labelled):
    labelled.labels.update(shapes=["tag"])
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    working.work(run.pk)
    assert "“Cup” does not take the shape span" in Failure.objects.get().detail

    labelled.labels.update(shapes=["span"])
    running.retry(alice, run.pk)
    working.work(run.pk)

    assert len(told(run)) == 2
    assert not Failure.objects.exists()


# Who has which part ---------------------------------------------------------------------------------------------------


def test_who_comes_to_an_end_after_the_lease_has_gone_to_another_writes_nothing(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    late = sharding.claim(run.pk)
    assert sharding.claim(run.pk) is None
    Shard.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    assert working.work(run.pk) is False
    predictions = list(Prediction.objects.values_list("pk", flat=True))

    assert sharding.finish(late, [], [], 0) is False
    assert list(Prediction.objects.values_list("pk", flat=True)) == predictions != []


def test_a_paused_run_hands_out_nothing_and_goes_on_when_it_is_resumed(alice, labelled):
    texts(labelled, alice, 25)
    run = started(alice, labelled)
    running.change(alice, run.pk, RunState.PAUSED)
    working.work(run.pk)
    assert not run.predictions.exists()

    running.change(alice, run.pk, RunState.RUNNING)
    working.work(run.pk)

    assert run.predictions.count() == 50


def test_the_time_of_a_pause_counts_neither_for_the_speed_nor_for_what_is_left(alice, labelled):
    texts(labelled, alice, 60)
    run = started(alice, labelled)
    now, second = timezone.now(), timedelta(seconds=1)
    first, later = run.shards.order_by("number")[:2]
    Shard.objects.filter(pk=first.pk).update(done_at=now - 40 * second, seconds=1)
    Run.objects.filter(pk=run.pk).update(since=now - 10 * second)  # it was resumed
    run.refresh_from_db()
    assert (running.progress(run).speed, running.progress(run).left) == (None, None)

    Shard.objects.filter(pk=later.pk).update(done_at=now, seconds=10)

    assert running.progress(run).speed == pytest.approx(2, rel=0.2)
    assert running.progress(run).left == pytest.approx(10, rel=0.2)


def test_a_cancelled_run_stays_as_it_is(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    running.change(alice, run.pk, RunState.CANCELLED)

    working.work(run.pk)

    assert not run.predictions.exists()
    with pytest.raises(Conflict):
        running.change(alice, run.pk, RunState.RUNNING)


def test_a_shard_at_which_workers_end_again_and_again_is_given_up(alice, labelled):
    items = texts(labelled, alice, 3)
    run = started(alice, labelled)
    Shard.objects.update(ended=working.GIVES_UP, leased_until=timezone.now() - timedelta(seconds=1))

    working.work(run.pk)

    assert {failure.item for failure in Failure.objects.all()} == set(items)
    assert Run.objects.get().state == RunState.DONE


def test_a_pause_is_nobodys_fault(alice, labelled):
    texts(labelled, alice, 3)
    run = started(alice, labelled)
    for _ in range(4):
        held = sharding.claim(run.pk)
        sharding.let_go(held)

    working.work(run.pk)

    assert not Failure.objects.exists()
    assert run.predictions.count() == 6


def test_a_run_that_is_paused_at_its_last_shard_is_done_with_it(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    held = sharding.claim(run.pk)
    running.change(alice, run.pk, RunState.PAUSED)

    assert sharding.finish(held, [], [], 1)

    assert Run.objects.get().state == RunState.DONE


def test_what_is_purged_while_it_is_looked_at_leaves_nothing(alice, labelled):
    (item,) = texts(labelled, alice, 1)
    run = started(alice, labelled)
    held = sharding.claim(run.pk)
    found: tuple[list, list] = ([], [])
    working.look(run, held, lambda: False, *found)
    items_of_projects.trash(alice, item.pk)
    purge_item(alice, item.pk)

    assert sharding.finish(held, *found, 1)

    assert not Prediction.objects.exists()
    assert not Output.objects.exists()
    assert Run.objects.get().size == 0


def test_nothing_is_done_for_a_project_in_the_archive_or_the_trash(alice, labelled):
    texts(labelled, alice, 1)
    run = started(alice, labelled)
    for hidden in ({"archived_at": timezone.now()}, {"archived_at": None, "trashed_at": timezone.now()}):
        Project.objects.filter(pk=labelled.pk).update(**hidden)
        assert sharding.claim(run.pk) is None
    Project.objects.filter(pk=labelled.pk).update(trashed_at=None)
    assert sharding.claim(run.pk)


def test_what_goes_wrong_again_and_again_is_told_and_the_run_ends(alice, labelled):
    (item,) = texts(labelled, alice, 1)
    run = started(alice, labelled)
    broken = run.version.graph | {"edges": []}
    PipelineVersion.objects.update(graph=broken)
    working.carried_of.cache_clear()
    with pytest.raises(Invalid):
        working.work(run.pk)
    Shard.objects.update(leased_until=timezone.now() - timedelta(seconds=1), ended=working.GIVES_UP)

    working.work(run.pk)

    assert [failure.item for failure in Failure.objects.all()] == [item]
    assert Run.objects.get().state == RunState.DONE


def test_workers_carry_a_run_out_that_is_asked_for_through_the_api(servers, alice, labelled):
    (item,) = texts(labelled, alice, 1)
    client = client_of(alice)
    asked = {"name": "Cups", "graph": CUPS}
    pipeline = client.post(f"/api/projects/{labelled.pk}/pipelines/", asked, content_type="application/json").json()

    run = client.post(f"/api/pipelines/{pipeline['pipeline']}/run/", {}, content_type="application/json").json()["id"]

    until(lambda: client.get(f"/api/runs/{run}/progress/").json()["state"] == "done")
    suggested = client.get(f"/api/items/{item.pk}/suggestions/").json()["suggestions"]
    assert {one["shape"]["quote"] for one in suggested} == {"cup", "cups"}


# Saving ---------------------------------------------------------------------------------------------------------------


def test_saving_makes_a_version_only_where_something_has_changed(alice, labelled):
    first = version(alice, labelled)
    moved = CUPS | {"nodes": [node | {"x": 40} for node in CUPS["nodes"]]}
    assert version(alice, labelled, moved) == first
    assert PipelineVersion.objects.get().graph["nodes"][0]["x"] == 40  # where nodes stand is kept

    changed = CUPS | {"nodes": [*CUPS["nodes"][:2], CUPS["nodes"][2] | {"config": {"scores": [0.3, 1]}}]}
    assert version(alice, labelled, changed).number == 2


def test_what_is_wrong_with_a_graph_is_said_of_the_node_and_nothing_is_saved(alice, labelled):
    broken = CUPS | {"nodes": [*CUPS["nodes"][:1], CUPS["nodes"][1] | {"config": {"pattern": "(", "label": "Cup"}}]}

    with pytest.raises(Invalid) as refused:
        version(alice, labelled, broken)

    assert "cups" in refused.value.fields
    assert {one.node for one in saving.check(alice, labelled.pk, broken).mistakes} >= {"cups", "sure"}
    assert not PipelineVersion.objects.exists()


def test_a_run_without_an_item_that_fits_is_refused(alice, labelled):
    with pytest.raises(Invalid, match="no text"):
        started(alice, labelled)
