"""Servers of Label Studio's ML protocol, asked over real sockets."""

from hashlib import sha256
from ipaddress import ip_network

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404
from PIL import Image

from annotator.shapes import Polygon, Rectangle
from detectors import asking, running, saving, sharding, suggesting, working
from detectors.backends import asking as http
from detectors.backends import keeping, pictures, results, secrets
from detectors.kinds.checks import complaints
from detectors.kinds.registry import load, made
from detectors.models import BackEnd, Failure, Output, Prediction, RunState
from detectors.pipelines.executing import Mistaken
from projects.errors import Conflict, Invalid, Refusal
from projects.models import Item, Media, Project
from projects.outgoing import Private, connected, may_be_reached
from tests.detectors import back_end
from tests.images import encoded

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    """The address of one that runs."""
    with back_end.running() as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def allowed(settings, monkeypatch):
    settings.PRIVATE_BACKENDS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(http, "WAITS", (0, 0))


@pytest.fixture
def labelled(project):
    project.labels.create(name="Cup", color="#336699", shapes=["rectangle", "polygon", "span"])
    return project


def added(alice, project, address, **about):
    return keeping.add(alice, project.pk, address=address, **{"name": "Red", "pictures": "data"} | about)


def scene():
    """A picture with something red in it, at 20, 30 to 60, 80."""
    picture = np.full((100, 200, 3), 240, np.uint8)
    picture[30:80, 20:60] = (220, 10, 10)
    return picture


def photo_of(project, alice):
    data = encoded(Image.fromarray(scene()), "PNG")
    media = Media.objects.create(
        sha256=sha256(data).hexdigest(), content_type="image/png", size=len(data), width=200, height=100
    )
    default_storage.save(media.path, ContentFile(data))
    return project.items.create(kind="image", name="a.png", media=media, width=200, height=100, created_by=alice)


def texts(project, alice, count):
    rows = [
        Item(project=project, kind="text", name=f"{n}.txt", text=f"{n} 😀 cup", created_by=alice) for n in range(count)
    ]
    return Item.objects.bulk_create(rows)


def graph(row, kind="backend", **config):
    nodes = [
        {"id": "items", "kind": "items", "config": {"of": "text" if kind == "text_backend" else "image"}},
        {"id": "red", "kind": kind, "config": {"backend": row.pk, **config}},
    ]
    return {"nodes": nodes, "edges": [{"source": "items", "target": "red"}]}


def started(alice, project, row, kind="text_backend", **config):
    version = saving.save(alice, project.pk, name="Red", graph=graph(row, kind, **config))
    return running.start(alice, version.pipeline_id)


# What it finds --------------------------------------------------------------------------------------------------------


def test_what_it_sees_in_pictures_comes_in_pixels_many_at_once(alice, labelled, server):
    row = added(alice, labelled, f"{server}/")
    assert (row.said, row.model_version[:4]) == ("", "red-")

    found = made("backend", {"backend": row.pk, "at_once": 2}).detect([scene(), scene()[:, 100:], scene()])

    assert [len(one) for one in found] == [1, 0, 1]
    assert found[2].places[0].round().tolist() == [20, 30, 40, 50]
    assert (found[2].labels[0], found[2].scores[0], found[2].shapes[0]) == ("Cup", 0.5, "rectangle")


def test_words_are_found_at_their_code_points(alice, labelled, server):
    row = added(alice, labelled, server)

    (found,) = made("text_backend", {"backend": row.pk}).detect(["😀 cup, cup"])

    assert found.places.tolist() == [[2, 5], [7, 10]]


def test_what_is_turned_becomes_a_polygon_within_the_picture(alice, labelled, server):
    row = added(alice, labelled, f"{server}/turned")

    (found,) = made("backend", {"backend": row.pk}).detect([scene()])

    assert found.shapes.tolist() == ["polygon"]
    assert found.places[0].round().tolist() == [0, 30, 20, 40]


@pytest.mark.parametrize("kind", ["backend", "text_backend"])
def test_it_keeps_to_what_detectors_keep_to(alice, labelled, server, kind):
    row = added(alice, labelled, server)

    assert list(complaints(load(kind), {"backend": row.pk, "at_once": 64})) == []


def test_a_picture_lies_behind_a_link_that_nobody_guesses_until_the_answer_is_there(settings, client):
    settings.PUBLIC_URL = "http://testserver"
    with pictures.addresses([scene(), "a text"], "link") as (address, text):
        got = client.get(address)
        assert (got.status_code, got["Content-Type"], text) == (200, "image/jpeg", "a text")
        assert got.content[:3] == b"\xff\xd8\xff"

    assert client.get(address).status_code == 404


# Runs -----------------------------------------------------------------------------------------------------------------


def test_it_dies_in_the_midst_of_a_run_and_once_it_is_up_again_what_failed_is_tried_again(alice, labelled):
    items = texts(labelled, alice, 25)
    with back_end.running() as (process, port):
        run = started(alice, labelled, added(alice, labelled, f"http://localhost:{port}"))
        working.do(sharding.claim(run.pk))
        process.kill()
        process.wait()
        working.work(run.pk)

    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert Prediction.objects.count() == 20
    failed = list(Failure.objects.order_by("item"))
    assert [one.item_id for one in failed] == [item.pk for item in items[20:]]
    assert {(one.node, one.detail) for one in failed} == {
        (
            "red",
            "Red could not do this item: It cannot be reached. Look whether it runs, and whether the address is right.",
        )
    }

    with back_end.running(port):
        running.retry(alice, run.pk)
        working.work(run.pk)

    assert not Failure.objects.exists()
    assert Prediction.objects.count() == 25


@pytest.mark.parametrize(("fault", "asked_again"), [("", False), ("nameless", True)])
def test_what_it_said_is_known_again_as_long_as_its_version_and_the_labels_stay(
    alice, labelled, server, fault, asked_again, monkeypatch
):
    monkeypatch.setattr(keeping, "FRESH", keeping.FRESH * 0)
    texts(labelled, alice, 1)
    row = added(alice, labelled, f"{server}/{fault}")
    working.work(started(alice, labelled, row).pk)

    working.work(started(alice, labelled, row).pk)
    assert Output.objects.count() == 1 + asked_again
    assert (
        list(Prediction.objects.values_list("shape", flat=True))
        == [{"type": "span", "start": 4, "end": 7, "quote": "cup"}] * 2
    )

    labelled.labels.create(name="Plate", color="#336699", shapes=["span"])
    working.work(started(alice, labelled, row).pk)
    assert Output.objects.count() == 2 + asked_again


def test_pictures_are_read_and_found_in(alice, labelled, server):
    photo_of(labelled, alice)

    working.work(started(alice, labelled, added(alice, labelled, server), "backend").pk)

    (shape,) = Prediction.objects.values_list("shape", flat=True)
    assert {name: round(one) for name, one in shape.items() if name != "type"} == {
        "x": 20,
        "y": 30,
        "width": 40,
        "height": 50,
    }


def test_nothing_runs_while_it_is_away_and_the_node_says_so(alice, labelled, server):
    texts(labelled, alice, 1)
    row = added(alice, labelled, f"{server}/")
    BackEnd.objects.update(address="http://127.0.0.1:9", looked_at=None)

    with pytest.raises(Mistaken) as refusal:
        started(alice, labelled, row)

    (mistake,) = refusal.value.mistakes
    assert (mistake.node, mistake.field) == ("red", "backend")
    assert mistake.detail.startswith("Red: It cannot be reached.")


def test_another_projects_back_end_is_not_there(alice, mallory, labelled, other_project, server):
    other_project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    row = added(mallory, other_project, server)

    with pytest.raises(Invalid, match="This one is not there"):
        saving.save(alice, labelled.pk, name="Red", graph=graph(row))


def test_a_graph_with_a_number_that_is_too_large_for_one_is_no_more_than_wrong(alice, labelled, server):
    wrong = graph(added(alice, labelled, server))
    wrong["nodes"][1]["config"]["backend"] = 10**30

    (mistake,) = saving.check(alice, labelled.pk, wrong).mistakes

    assert (mistake.node, mistake.detail[:22]) == ("red", "A number is too large,")


def test_a_password_is_kept_encrypted_and_sent(alice, labelled, server):
    row = added(alice, labelled, f"{server}/secret", login="ann", password="cart")
    assert "cart" not in row.secret
    assert secrets.read(row.secret) == "cart"

    assert len(made("backend", {"backend": row.pk}).detect([scene()])[0]) == 1
    assert "user name and password" in added(alice, labelled, f"{server}/secret", name="Open").said


# In the editor --------------------------------------------------------------------------------------------------------


def test_who_labels_asks_one_about_what_is_drawn_and_what_it_says_is_suggested(alice, bob, labelled, server):
    row = added(alice, labelled, server, interactive=True)
    item, label = photo_of(labelled, alice), labelled.labels.get()
    told = asking.Ask(row.pk, [asking.About(label.pk, Rectangle(20, 30, 40, 50))])

    assert asking.ask(bob, item.pk, told) == asking.Answered(1, 0)
    first = suggesting.on([item.pk])[item.pk]
    assert asking.ask(bob, item.pk, told) == asking.Answered(1, 0)

    (suggested,) = suggesting.on([item.pk])[item.pk]
    assert suggested.shape == Polygon([(20, 30), (60, 30), (60, 80), (20, 80)])
    assert suggested.prediction != first[0].prediction
    run = labelled.runs.get()
    assert (run.name, run.source, run.size) == ("Red", "asked", 1)


def test_one_that_is_not_for_that_is_not_asked(alice, bob, labelled, server):
    row, item = added(alice, labelled, server), photo_of(labelled, alice)
    with pytest.raises(Http404):
        asking.ask(bob, item.pk, asking.Ask(row.pk))

    BackEnd.objects.update(interactive=True)
    Project.objects.update(blind=True)
    with pytest.raises(Conflict, match="blind"):
        asking.ask(bob, item.pk, asking.Ask(row.pk))


# What is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("500", "It answered 500. Its own log says why."),
        ("404", "It answered 404"),
        ("503", "not to be had just now (it answered 503)"),
        ("html", "with a web page, and not with JSON"),
        ("json", "no JSON that can be read"),
        ("cut", "broke off the connection"),
        ("slow", "did not answer within 0.4 seconds"),
        ("huge", "larger than"),
        ("elsewhere", "sends one on to another address"),
        ("count", "answered for 0 of 1"),
        ("beyond", "percent of the picture. Percents are from 0 to 100."),
        ("number", "at nan percent"),
        ("label", "the label “Lorry”, which the project has not"),
        ("control", "the control “boxes”. It was asked for rectangle, polygon"),
        ("brush", "masks (brushlabels), which are not read"),
        ("score", "the score 87, which is not from 0 to 1"),
    ],
)
def test_whatever_is_wrong_with_it_is_said_in_a_sentence(alice, labelled, server, settings, monkeypatch, fault, said):
    settings.BACKEND_SECONDS = 0.4
    monkeypatch.setattr(http, "MOST_BYTES", 4_000)
    row = added(alice, labelled, f"{server}/")
    BackEnd.objects.update(address=f"{server}/{fault}")

    with pytest.raises(Refusal) as refusal:
        made("backend", {"backend": row.pk}).detect([scene()])

    assert said in str(refusal.value.detail)


@pytest.mark.parametrize(
    "value",
    [
        {"start": 2},
        {"x": 10, "y": 10, "width": 20, "height": 20, "rotation": 10**400},
        {"x": 10, "y": 10, "width": 20, "height": 20, "rotation": float("nan")},
    ],
)
def test_a_place_that_is_none_is_said_to_be_none(value):
    region = {"type": "rectanglelabels", "from_name": "rectangle", "value": value | {"labels": ["Cup"]}}

    with pytest.raises(Refusal, match="It gives a place that cannot be read"):
        results.found_in({"result": [region]}, scene(), results.Asked(["rectangle"], ["Cup"]))


@pytest.mark.parametrize(("others", "given"), [("take", ["Lorry"]), ("leave out", [])])
def test_labels_that_the_project_has_not_may_be_taken_or_left_out(alice, labelled, server, others, given):
    row = added(alice, labelled, f"{server}/label")

    (found,) = made("backend", {"backend": row.pk, "others": others}).detect([scene()])

    assert found.labels.tolist() == given


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:9090",
        "ftp://a.example",
        "http://",
        "http://a b/",
        "http://ann:cart@a.example",
        "http://a:0",
        "http://a/?x=1",
    ],
)
def test_what_is_no_address_is_refused_at_its_field(alice, labelled, address):
    with pytest.raises(Invalid) as refusal:
        added(alice, labelled, address)

    assert list(refusal.value.fields) == ["address"]


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "64:ff9b:1::a9fe:a9fe",
        "fec0::1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "3fff::1",
    ],
)
def test_private_addresses_are_not_reached(settings, address):
    settings.PRIVATE_BACKENDS = []
    assert not may_be_reached(address)
    assert may_be_reached("93.184.215.14") and may_be_reached("2606:4700::1111")


def test_what_a_name_stands_for_counts_unless_whoever_runs_the_server_allows_it(alice, labelled, server, settings):
    port = server.rpartition(":")[2]
    settings.PRIVATE_BACKENDS = []

    row = added(alice, labelled, f"http://localhost:{port}")

    assert "does not connect to private addresses" in row.said
    with pytest.raises(Private):
        connected("localhost", int(port), 1)
    settings.PRIVATE_BACKENDS = [ip_network("127.0.0.0/8")]
    assert keeping.look(alice, row.pk).said == ""
