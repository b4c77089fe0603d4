"""How good spans of texts are said to be, beside seqeval and scikit-learn."""

import numpy as np
import pytest
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2
from sklearn.metrics import confusion_matrix

from detectors.evaluation import tokens
from detectors.evaluation.figures import confusion, rates
from detectors.evaluation.matching import match
from detectors.evaluation.measures import spans
from detectors.evaluation.things import Things

TEXTS, WORDS, CLASSES = 12, 30, 3
WIDE = 5  # code points of a word, with the blank behind it


def tagged(random):
    """Of each text what its words are tagged with."""
    texts = []
    for _ in range(TEXTS):
        tags: list[str] = []
        while len(tags) < WORDS:
            length, one = random.integers(1, 4), random.integers(0, CLASSES)
            tags += ["O"] * int(length) if random.random() < 0.5 else [f"B-{one}"] + [f"I-{one}"] * int(length - 1)
        texts.append(tags[:WORDS])
    return texts


def spans_of(texts, scored):
    rows = []
    for item, tags in enumerate(texts):
        for at, tag in enumerate(tags):
            if tag[0] == "B":
                rows.append([item, int(tag[2:]), at * WIDE, at * WIDE + WIDE - 1])
            elif tag[0] == "I":
                rows[-1][3] = at * WIDE + WIDE - 1
    table = np.array(rows).reshape(-1, 4)
    return Things(table[:, 0], table[:, 1], table[:, 2:], np.ones(len(table)) if scored else None)


@pytest.fixture(params=range(3))
def texts(request):
    random = np.random.default_rng(request.param)
    truth = tagged(random)
    said = [one if random.random() < 0.5 else other for one, other in zip(truth, tagged(random), strict=True)]
    return truth, said


def test_spans_from_end_to_end_are_as_good_as_seqeval_says(texts):
    truth, said = spans_of(texts[0], False), spans_of(texts[1], True)

    matches = match(truth, said, spans.measure, spans.EXACT, "same")

    ours = rates(confusion(truth, said, matches, CLASSES))
    theirs = precision_recall_fscore_support(*texts, scheme=IOB2, zero_division=0)
    for one, other in zip((ours.precision, ours.recall, ours.f1, ours.support), theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_tokens_are_counted_as_scikit_learn_counts_them(texts):
    items, starts = np.repeat(np.arange(TEXTS), WORDS), np.tile(np.arange(WORDS) * WIDE, TEXTS)
    words = Things(items, np.zeros(len(items), int), np.stack([starts, starts + WIDE - 1], axis=1))

    ours = tokens.confusion(words, spans_of(texts[0], False), spans_of(texts[1], True), CLASSES)

    truth, said = ([int(tag[2:]) if tag != "O" else CLASSES for tags in side for tag in tags] for side in texts)
    theirs = confusion_matrix(truth, said, labels=range(CLASSES + 1))
    theirs[CLASSES, CLASSES] = 0
    np.testing.assert_array_equal(ours, theirs)


def test_a_token_within_two_spans_is_of_the_shorter_and_what_is_not_sure_enough_is_none():
    words = Things(np.zeros(3, int), np.zeros(3, int), np.array([(0, 4), (5, 9), (10, 14)]))
    truth = Things(np.zeros(2, int), np.array([1, 0]), np.array([(5, 9), (0, 9)]))
    said = Things(np.zeros(2, int), np.array([0, 1]), np.array([(0, 9), (10, 14)]), np.array([0.9, 0.2]))

    assert tokens.of(words, truth, 2).tolist() == [0, 1, 2]
    assert tokens.confusion(words, truth, said, 2).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert tokens.confusion(words, truth, said, 2, 0.5).tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 0]]
