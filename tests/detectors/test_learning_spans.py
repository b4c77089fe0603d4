"""Learning from spans of texts: names in letters."""

from uuid import uuid4

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from annotator.messages import Reject
from annotator.models import Sheet
from annotator.shapes import Span
from detectors import lessons, suggesting, teaching, weights, working
from detectors.kinds.checks import complaints
from detectors.kinds.registry import load
from detectors.learning import spans, tokens
from detectors.models import HeldOut, Run, Weights
from tests.cast import text
from tests.clients import client_of
from tests.detectors.lessons import learned_spans, read
from tests.operations.door import do, draw

NAMES = ["Ada Lovelace", "Bo Larsen", "Zoë Kim", "Ivan Petrov", "Nora Weiss", "Hugo Blanc"]
LETTERS = [f"Dear {name},\nthe kettle 😀 you sent on Monday has arrived. Kind regards" for name in NAMES]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ("Ada, 7b", ["Ada", ",", "7b"]),
        ("😀 cafe\u0301 क्षि", ["😀", "cafe\u0301", "क्षि"]),
        ("東京へ go", ["東", "京", "へ", "go"]),
        ("שלום 12", ["שלום", "12"]),
    ],
)
def test_a_text_falls_into_words_and_signs(content, expected):
    assert [content[start:end] for start, end in tokens.tokens(content)] == expected


def test_tokens_are_told_as_scikit_learn_tells_them():
    every = spans.together([read(one, name, finished=True) for one, name in zip(LETTERS, NAMES, strict=True)])
    kept = np.ones(len(every.classes), bool)

    ours = spans.taught(every, kept, 2).probabilities(every.vectors)

    none = every.classes == 0
    counts = np.where(none, min(1, spans.NOTHINGS * (~none).sum() / none.sum()), 1.0)
    model = LogisticRegression(C=spans.STRENGTH, max_iter=300).fit(every.vectors, every.classes, counts)
    np.testing.assert_allclose(ours, model.predict_proba(every.vectors), atol=1e-4)


def test_a_span_that_is_wrong_is_told_by_who_has_not_seen_it():
    some = [read(one, name) for one, name in zip(LETTERS, NAMES, strict=True)]
    some[2] = read(LETTERS[2], "kettle")

    _, shares, _ = spans.learned(("name",), some)

    assert shares.shape == (6, 1)
    assert shares[:, 0].argmin() == 2
    assert shares[2, 0] < 0.3


def test_a_span_within_another_is_told_by_its_own_words():
    some = [read(one, name.split()[0], name) for one, name in zip(LETTERS, NAMES, strict=True)]

    _, shares, _ = spans.learned(("name",), some)

    assert shares.min() > 0.5


def test_what_was_learned_keeps_to_what_detectors_keep_to(settings):
    data = learned_spans()
    weights.put(weights.digest_of(data), data)

    assert list(complaints(load("learned_texts"), {"weights": weights.digest_of(data), "least": 0.1})) == []


def test_three_names_are_shown_and_the_others_are_suggested(alice, project):
    label = project.labels.create(name="Name", color="#336699", shapes=["span"])
    items = [text(project, alice, letter) for letter in LETTERS]
    for item, name in zip(items[:3], NAMES, strict=False):
        draw(Sheet.objects.get_or_create(item=item, person=None)[0], alice, label, Span(5, 5 + len(name), name))

    client = client_of(alice)
    client.post(f"/projects/{project.pk}/learn/", headers={"HX-Request": "true"})
    teaching.learn(project.pk)
    working.work(Run.objects.get(project=project).pk)

    panel = client.get(f"/projects/{project.pk}/runs/", headers={"HX-Request": "true"}).content.decode()
    assert "From 3 “Name” on 3 texts." in panel
    assert "of the spans, from end to end." in panel
    found = suggesting.open_on([item.pk for item in items])
    assert [[one.shape.quote for one in found[item.pk]] for item in items[3:]] == [[name] for name in NAMES[3:]]
    assert HeldOut.objects.count() == 3

    (one,) = found[items[3].pk]
    sheet = Sheet.objects.get_or_create(item=items[3], person=None)[0]
    (one,) = suggesting.open_on([items[3].pk])[items[3].pk]
    do(sheet, alice, Reject(id=uuid4(), annotation=one.annotation, prediction=one.prediction))
    (lesson,) = lessons.lessons_of(project)
    assert [len(lesson.things), len(lesson.rejected)] == [3, 1]


def test_why_spans_cannot_be_learned_is_told_at_the_button(alice, project):
    label = project.labels.create(name="Name", color="#336699", shapes=["span"])
    item = text(project, alice, LETTERS[0])
    draw(Sheet.objects.get_or_create(item=item, person=None)[0], alice, label, Span(5, 8, "Ada"))

    answer = client_of(alice).post(f"/projects/{project.pk}/learn/", headers={"HX-Request": "true"}).content.decode()

    assert "There is one span in all: label at least 3 things." in answer


def test_of_what_is_too_far_behind_to_be_read_nothing_is_told(alice, project, monkeypatch):
    monkeypatch.setattr(teaching, "A_TEXT", 100)
    label = project.labels.create(name="Name", color="#336699", shapes=["span"])
    far = project.labels.create(name="Far", color="#993366", shapes=["span"])
    for letter, name in zip(LETTERS[:3], NAMES, strict=False):
        sheet = Sheet.objects.get_or_create(item=text(project, alice, letter + "." * 100 + name), person=None)[0]
        draw(sheet, alice, label, Span(5, 5 + len(name), name))
        draw(sheet, alice, far, Span(len(letter) + 100, len(letter) + 100 + len(name), name))

    client_of(alice).post(f"/projects/{project.pk}/learn/", headers={"HX-Request": "true"})
    teaching.learn(project.pk)

    told = {name: sure for name, _, sure in Weights.objects.get(project=project).facts["labels"]}
    assert told["Far"] == 0
    assert told["Name"] > 0
