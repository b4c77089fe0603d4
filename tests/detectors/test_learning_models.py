"""Learning from labels of images as a model of one's own sees them."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from annotator.models import Sheet
from annotator.shapes import Rectangle, Tag
from detectors import storing, suggesting, teaching, weights, working
from detectors.kinds.onnx import embedding
from detectors.learning import boxes
from detectors.learning.packing import unpacked
from detectors.models import Embedding, Run, Weights
from detectors.vectors import of_items
from projects.models import Item, Project, User
from tests.clients import client_of
from tests.detectors import networks
from tests.detectors.lessons import blotted, seen
from tests.detectors.scenes import overlap
from tests.detectors.test_onnx import kept, straight
from tests.detectors.test_running import photo_of
from tests.images import encoded
from tests.operations.door import draw

SETTINGS = {"width": 32, "height": 32, "fit": "stretch"}
COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 200)}


def model(**more: object) -> bytes:
    """The mean of each colour."""
    return networks.colours(image=["n", 3, 32, 32], **more)


def test_parts_of_an_image_are_what_the_model_says_of_them_straight():
    picture, places = blotted(3)
    ours = embedding.Model(embedding.Settings(model=kept(model()), **SETTINGS)).of_parts(picture, places)

    around = np.rint(np.hstack([places[:, :2] - 0.12 * places[:, 2:], places[:, :2] + 1.12 * places[:, 2:]])).astype(
        int
    )
    parts = [picture[max(y, 0) : to_y, max(x, 0) : to_x] for x, y, to_x, to_y in around]
    given = np.stack([cv2.resize(part, (32, 32), interpolation=cv2.INTER_AREA).transpose(2, 0, 1) for part in parts])
    theirs = straight(model(), np.float32(given / 255)).reshape(len(places), -1)
    np.testing.assert_allclose(ours, theirs / np.linalg.norm(theirs, axis=1, keepdims=True), atol=1e-5)


def test_boxes_are_learned_as_the_model_sees_them_at_as_many_places_as_it_has_time_for():
    looks = embedding.Model(embedding.Settings(model=kept(model()), **SETTINGS))
    assert embedding.FEWEST == looks.within(0).windows < looks.windows
    picture, places = blotted(9)

    judge, shares, _ = boxes.learned(("blot",), [seen(seed) for seed in range(3)], looks)

    found = judge.find(picture, 0.3)
    assert shares.min() > 0.3  # three numbers say little
    assert all(max(overlap(place, one) for one in found.places) > 0.4 for place in places)


@pytest.fixture
def plain(alice: User, project: Project) -> list[Item]:
    """Six images of two colours, of which the first four are tagged with them."""
    made = []
    for number in range(6):
        name, colour = list(COLOURS.items())[number % 2]
        item = photo_of(project, alice, encoded(Image.new("RGB", (60 + number, 40), colour), "PNG"))
        made.append(item)
        label, _ = project.labels.get_or_create(name=name, defaults={"color": "#336699", "shapes": ["tag"]})
        if number < 4:
            draw(Sheet.objects.get_or_create(item=item, person=None)[0], alice, label, Tag())
    return made


def added(alice: User, project: Project, **more: object) -> Weights:
    facts = {"takes": "", "settings": {**SETTINGS, "pooling": "first"}}
    return storing.store(alice, project.pk, name="Eyes", kind="onnx_embedder", data=model(**more), facts=facts)


def test_a_model_is_chosen_at_the_button_learned_with_and_looked_with(alice, project, plain):
    client, eyes = client_of(alice), added(alice, project)
    panel = client.get(f"/projects/{project.pk}/runs/").content.decode()
    assert "Images are seen by" in panel and "Eyes 1" in panel

    client.post(f"/projects/{project.pk}/learn/", {"embedder": eyes.pk})
    teaching.learn(project.pk)
    working.work(Run.objects.get().pk)

    assert "seen by Eyes 1." in client.get(f"/projects/{project.pk}/runs/").content.decode()
    names = dict(project.labels.values_list("pk", "name"))
    found = suggesting.open_on([item.pk for item in plain])
    assert [[names[one.label] for one in found[item.pk]] for item in plain[4:]] == [["red"], ["blue"]]
    learned = unpacked(weights.read(Weights.objects.get(kind="learned_images").digest))
    assert json.loads(learned.embedder) == {**SETTINGS, "pooling": "first", "model": eyes.digest}
    vector = of_items(Embedding.objects.get(item=plain[0]).embedder, [plain[0].pk])[plain[0].pk]
    np.testing.assert_allclose(vector, np.array(COLOURS["red"]) / np.linalg.norm(COLOURS["red"]), atol=1e-5)


def test_a_model_of_another_project_is_none_to_choose(alice, project, plain):
    answer = client_of(alice).post(f"/projects/{project.pk}/learn/", {"embedder": "999"}).content.decode()

    assert "Choose one of the project" in answer


def test_a_model_whose_file_is_gone_is_told(alice, project, plain):
    eyes = added(alice, project, softmax=True)
    weights.discard(eyes.digest)

    client_of(alice).post(f"/projects/{project.pk}/learn/", {"embedder": eyes.pk})
    teaching.learn(project.pk)

    panel = client_of(alice).get(f"/projects/{project.pk}/runs/").content.decode()
    assert "The file is missing from the storage." in panel


def at(seed: int) -> tuple[np.ndarray, np.ndarray]:
    return blotted(seed, blots=1, width=200, height=100)


def test_where_rejected_and_empty_images_say_that_nothing_is_there_boxes_learn_of_it(alice, project):
    label = project.labels.create(name="Blot", color="#336699", shapes=["rectangle"])
    made = [photo_of(project, alice, encoded(Image.fromarray(at(seed)[0]), "PNG")) for seed in range(4)]
    for item, seed in zip(made[:3], range(3), strict=True):
        x, y, width, height = at(seed)[1][0].tolist()
        draw(Sheet.objects.get_or_create(item=item, person=None)[0], alice, label, Rectangle(x, y, width, height))
    Sheet.objects.create(item=made[3], status="done")

    client_of(alice).post(f"/projects/{project.pk}/learn/")
    teaching.learn(project.pk)

    assert "on 3 images" in client_of(alice).get(f"/projects/{project.pk}/runs/").content.decode()
    assert not any(one.item_id == made[3].pk for one in Run.objects.get().predictions.all())
