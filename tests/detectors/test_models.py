"""A manager adds a model: it is read and guessed, tried on an image, corrected, kept, and finds things in all items."""

import json
import re

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from onnx import helper
from PIL import Image

from detectors import weights, working
from detectors.models import Run, Weights
from projects.models import Project
from tests.clients import client_of
from tests.detectors import networks
from tests.detectors.test_running import photo_of
from tests.images import encoded

HTMX = {"HX-Request": "true"}
BOXES = np.zeros((84, 6))
BOXES[0], BOXES[1] = (16, 16, 16, 16, 0.9, 0.1), (48, 40, 8, 16, 0.2, 0.7)


def sent(client: Client, project: Project, data: bytes, name: str = "cups.onnx"):
    return client.post(f"/api/projects/{project.pk}/models/", {"file": SimpleUploadedFile(name, data)})


def page(client: Client, project: Project, **told: str) -> str:
    return client.post(f"/projects/{project.pk}/models/new/", told, headers=HTMX).content.decode()


def yolo() -> bytes:
    return networks.constant(BOXES, image=["n", 3, 64, 64], about={"stride": "32", "names": "{0: 'cup', 1: 'plate'}"})


def test_a_model_is_guessed_tried_corrected_kept_and_found_with(alice, project):
    item, client = photo_of(project, alice, encoded(Image.new("RGB", (200, 100)), "PNG")), client_of(alice)
    answer = sent(client, project, yolo()).json()
    assert (answer["name"], answer["kind"]) == ("cups", "onnx_yolo")
    address = f"/projects/{project.pk}/models/new/?draft={answer['draft']}"

    shown = client.get(address, headers=HTMX).content.decode()
    assert "2 found." in shown and shown.count("<rect") == 2
    assert re.search(r"selected>YOLO<", shown) and "cup\nplate" in shown

    told = {"draft": answer["draft"], "kind": "onnx_yolo", "classes": "saucer\nplate", "then": "look"}
    assert "saucer" in (surer := page(client, project, **told, threshold="0.8")) and "1 found." in surer
    assert 'role="alert">Classes' in page(client, project, **told | {"classes": "cup\ncup"})
    assert "The model tells 504 classes, and 2 are named." in page(
        client, project, **told | {"kind": "onnx_classifier"}
    )
    page(client, project, **told | {"then": "keep", "name": "Cups"})
    page(client, project, **told | {"then": "keep", "name": "Cups", "threshold": "0.8"})

    models = client.get(f"/projects/{project.pk}/models/", headers=HTMX).content.decode()
    assert "Cups 1" in models and "Cups 2" in models
    kept = Weights.objects.get(number=2)
    find = f"/projects/{project.pk}/find/"
    assert 'value="0.8"' in client.get(f"{find}?kind=onnx_yolo:{kept.pk}", headers=HTMX).content.decode()
    client.post(find, {"kind": f"onnx_yolo:{kept.pk}", "threshold": "0.5", "only": "saucer"}, headers=HTMX)
    run = Run.objects.get()
    working.work(run.pk)
    assert run.name == "Cups 2"
    assert [(one.item, one.label.name) for one in run.predictions.select_related("label")] == [(item, "saucer")]


def test_an_embedder_says_how_long_its_vectors_are_and_looks_for_nothing(alice, project):
    photo_of(project, alice, encoded(Image.new("RGB", (200, 100)), "PNG"))
    client = client_of(alice)
    data = networks.constant(np.ones(512), image=["n", 3, 32, 32])
    draft = sent(client, project, data).json()["draft"]

    assert "A vector of 512 numbers." in page(client, project, draft=draft)
    kept = page(client, project, draft=draft, name="Eyes", then="keep", kind="onnx_embedder")

    assert "Eyes 1" in kept and "?kind=onnx_embedder" not in kept


def endless() -> bytes:
    """Goes round for as long as it is let."""
    named = {name: helper.make_tensor_value_info(name, 9, []) for name in ("go", "on")}
    turns = [helper.make_tensor_value_info(name, 1, None) for name in ("was", "is")]
    steps = [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Sqrt", ["was"], ["is"])]
    given = [helper.make_tensor_value_info("n", 7, []), named["go"], turns[0]]
    once = helper.make_graph(steps, "once", given, [named["on"], turns[1]])
    nodes = [helper.make_node("Loop", ["times", "yes", "x"], ["y"], body=once)]
    numbers = {"times": np.array(2**62), "yes": np.array(True)}
    return networks.saved(nodes, outputs=[("y", networks.IMAGES)], numbers=numbers)


def greedy() -> bytes:
    """Asks for 60 GB."""
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["much"]),
        helper.make_node("ReduceSum", ["much"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["x", "sum"], ["y"]),
    ]
    return networks.saved(nodes, outputs=[("y", networks.IMAGES)], numbers={"size": np.array([5_000_000_000, 3])})


@pytest.mark.parametrize(
    ("data", "seconds", "said"),
    [
        (lambda: b"\x89PNG", 60, "This is no ONNX model"),
        (endless, 1, "The model took longer than 1 seconds, and was ended."),
        (greedy, 60, "more memory than it may have"),
        (lambda: networks.colours() + b" " * 2**21, 60, "2 MB; 1 MB is the most"),
    ],
)
def test_what_cannot_be_used_is_told_and_not_kept(alice, project, settings, data, seconds, said):
    settings.DETECTORS_SECONDS, settings.MODELS_LARGEST = seconds, 2**20

    answer = sent(client_of(alice), project, data())

    assert answer.status_code in (400, 413)
    assert said in answer.json()["detail"]
    assert weights.digest_of(data()) not in weights.stored()


@pytest.mark.parametrize("told", [{"width": 10**30}, {"classes": ["half a \ud83d", "b"]}])
def test_what_no_process_can_be_told_is_refused(alice, project, told):
    client = client_of(alice)
    draft = sent(client, project, yolo()).json()["draft"]

    body = json.dumps({"draft": draft, "name": "Cups", "kind": "onnx_yolo", "settings": told})
    answer = client.post(f"/api/projects/{project.pk}/models/keep/", body, content_type="application/json")

    assert answer.status_code == 400
    assert "A number is too large, or a text holds half a character." in answer.json()["detail"]


def test_what_was_sent_is_the_projects_own(alice, mallory, project, other_project):
    draft = sent(client_of(alice), project, yolo()).json()["draft"]
    told = {"draft": draft, "name": "Theirs", "kind": "onnx_yolo"}

    answer = client_of(mallory).post(f"/api/projects/{other_project.pk}/models/keep/", told)

    assert (answer.status_code, answer.json()["code"]) == (400, "over")
    assert not Weights.objects.exists()
