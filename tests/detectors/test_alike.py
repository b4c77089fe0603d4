"""More like this: what looks most alike among a project's items, regions and spans."""

import io
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from annotator.models import Sheet
from annotator.shapes import Rectangle, Tag
from detectors import alike, embeddings, vectors
from detectors.learning.describing import of_whole
from projects.services import items
from tests.cast import text
from tests.clients import client_of
from tests.detectors.lessons import blotted
from tests.operations.door import draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictures(project, alice):
    """Three with red blots, and three that are blue."""
    files = []
    for seed in range(6):
        picture = blotted(seed)[0] if seed < 3 else np.full((150, 200, 3), (20, 30, 200 + seed), np.uint8)
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        files.append(SimpleUploadedFile(f"{seed}.png", file.getvalue(), "image/png"))
    return items.add_files(alice, project.pk, files).created


def like(user, item, **about):
    return client_of(user).get(f"/api/items/{item.pk}/alike/", about)


def test_a_worker_looks_at_the_items_first_and_then_the_most_alike_come_first(alice, project, pictures):
    assert like(alice, pictures[3]).status_code == 202

    alike.embed(project.pk)
    found = like(alice, pictures[3]).json()

    assert {one["item"] for one in found[:2]} == {pictures[4].pk, pictures[5].pk}
    assert found[0]["alike"] > 0.99 > found[2]["alike"]
    assert pictures[3].pk not in [one["item"] for one in found]
    assert len(found) == 5


def test_texts_are_alike_by_their_words(alice, project):
    words = ["a cup of tea", "tea in a cup", "a bowl of rice", "rice in a bowl", "two bowls", "my cup"]
    texts = [text(project, alice, one) for one in words]
    alike.embed(project.pk)

    first, *_ = like(alice, texts[0]).json()

    assert first["text"] == "tea in a cup"


def test_a_region_is_held_against_regions(alice, project, pictures):
    label = project.labels.create(name="Blot", color="#336699", shapes=["rectangle", "tag"])
    drawn = []
    for seed, item in enumerate(pictures[:2]):
        sheet = Sheet.objects.create(item=item)
        for x, y, width, height in blotted(seed)[1].tolist():
            drawn.append(draw(sheet, alice, label, Rectangle(x, y, width, height)))
        draw(sheet, alice, label, Rectangle(0, 0, 4, 4))
    for n, item in enumerate(pictures[:2]):
        places = np.array([*blotted(n)[1].tolist(), [0, 0, 4, 4]])
        embeddings.of_places(alike.seen_with(project), {item.pk: places})

    found = like(alice, pictures[0], annotation=str(drawn[0])).json()

    assert len(found) == 5
    assert [one["place"][2] for one in found[:3]] == [36, 36, 36]
    assert found[-1]["place"] == [0, 0, 4, 4]
    tag = draw(Sheet.objects.get(item=pictures[0]), alice, label, Tag())
    assert like(alice, pictures[0], annotation=str(tag)).status_code == 202  # all of the item


def test_what_is_kept_comes_back_as_it_was(project, pictures):
    random = np.random.default_rng(0)
    given = {(item.pk, ""): random.normal(size=7).astype(np.float32) for item in pictures}

    vectors.keep("seven", given)
    vectors.keep("seven", {key: vector * 2 for key, vector in given.items()})  # known already

    found = vectors.of_items("seven", [item.pk for item in pictures])
    for (pk, _), vector in given.items():
        np.testing.assert_array_equal(found[pk], vector)
    assert vectors.of_items("eight", [pictures[0].pk]) == {}


def test_where_an_embedder_has_changed_its_size_all_is_looked_at_anew(project, pictures):
    sizes = {item.pk: 5 + n // 3 for n, item in enumerate(pictures)}
    vectors.keep("changed", {(pk, ""): np.ones(size, np.float32) for pk, size in sizes.items()})

    assert vectors.of_items("changed", list(sizes)) == {}
    assert vectors.names("changed") == []


def test_the_nearest_are_those_by_cosine(project, pictures):
    random = np.random.default_rng(1)
    given = {(item.pk, ""): random.normal(size=30).astype(np.float32) for item in pictures}
    vectors.keep("thirty", given)
    asked = random.normal(size=30).astype(np.float32)

    found = vectors.nearest("thirty", project.pk, asked, 10)

    cosine = {pk: 1 - asked @ one / np.linalg.norm(asked) / np.linalg.norm(one) for (pk, _), one in given.items()}
    assert [one.item for one in found] == sorted(cosine, key=cosine.get)
    np.testing.assert_allclose([one.distance for one in found], sorted(cosine.values()), atol=2e-3)


@pytest.mark.django_db(transaction=True)
def test_many_have_an_index_and_are_found_all_the_same(project, pictures, monkeypatch):
    monkeypatch.setattr(vectors, "EXACT", 5)
    vectors.keep("many", {(item.pk, ""): of_whole(blotted(n)[0])[:50] for n, item in enumerate(pictures)})

    before = vectors.nearest("many", project.pk, of_whole(blotted(2)[0])[:50], 3)
    made = [vectors.index("many"), vectors.index("many")]
    after = vectors.nearest("many", project.pk, of_whole(blotted(2)[0])[:50], 3)

    assert made == [True, False]
    assert [one.item for one in before] == [one.item for one in after]
    assert before[0].item == pictures[2].pk


def test_strangers_find_nothing_and_what_is_not_there_is_not_found(alice, mallory, project, pictures):
    assert like(mallory, pictures[0]).status_code == 404
    assert like(alice, pictures[0], annotation=str(uuid4())).status_code == 404
    assert like(alice, pictures[0], annotation="x").status_code == 400
