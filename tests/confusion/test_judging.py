"""The figures of an evaluation, held against scikit-learn's; slices; what mistakes cost; and two evaluations."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, precision_recall_fscore_support

from detectors.confusion import judging, points, standing
from detectors.confusion.columns import Columns
from detectors.confusion.gathering import Labels
from detectors.confusion.judging import Slice
from detectors.confusion.standing import Standing
from detectors.models import Evaluation
from projects.errors import Invalid
from tests.clients import client_of
from tests.confusion.cups import cups_and_bowls, learned

N, K = 500, 4
TAGS = Evaluation(subject="tags", kind="image", weights_id=1)
SPANS = Evaluation(subject="spans", kind="text", run_id=1)


def stands(seed: int = 0, **changed: object) -> Standing:
    random = np.random.default_rng(seed)
    truth = random.integers(0, K, N)
    shares = random.dirichlet(np.ones(K), N)
    shares[np.arange(N), truth] += 0.7
    shares /= shares.sum(axis=1, keepdims=True)
    columns = {
        "ids": np.arange(2 * N, dtype=np.int64).view("V16"),
        "items": np.arange(N) // 2,
        "truth": truth.astype(np.int32),
        "predicted": shares.argmax(axis=1).astype(np.int32),
        "score": shares.max(axis=1).astype(np.float32),
        "overlap": np.ones(N, np.float32),
        "entropy": np.zeros(N, np.float32),
        "places": random.integers(0, 40, (N, 4)).astype(np.float32),
        "authors": random.integers(1, 3, N).astype(np.int32),
        "components": np.zeros((N, 2), np.float32),
        "probabilities": shares.astype(np.float32),
    }
    now = Columns(**columns | changed)
    return Standing(Labels(list(range(10, 10 + K)), list("abcd")), now, now, np.arange(N), np.empty(0, int), [])


def test_figures_are_those_of_scikit_learn():
    one = stands()
    truth, predicted, shares = one.now.truth, one.now.predicted, one.now.score

    found = judging.judge(TAGS, one, Slice())

    assert found.accuracy == pytest.approx(accuracy_score(truth, predicted), abs=1e-9)
    assert found.macro_f1 == pytest.approx(f1_score(truth, predicted, average="macro"), abs=1e-9)
    rates = np.array([(label.precision, label.recall, label.f1, label.there) for label in found.labels])
    np.testing.assert_allclose(rates.T, precision_recall_fscore_support(truth, predicted), atol=1e-9)
    for row, label in enumerate(found.labels):
        mine = predicted == row
        recalled = (truth[mine] == row).sum() / (truth == row).sum()
        expected = average_precision_score(truth[mine] == row, shares[mine]) * recalled
        assert label.ap == pytest.approx(expected, abs=1e-6)


def test_a_slice_has_the_figures_of_its_things_alone():
    one = stands()
    mine = (one.now.authors == 2) & (one.now.items < 100)

    found = judging.judge(TAGS, one, Slice(author=2, items=range(100)))

    assert found.points == mine.sum()
    assert found.accuracy == pytest.approx(accuracy_score(one.now.truth[mine], one.now.predicted[mine]))


def test_sizes_part_all_things():
    places = np.random.default_rng(3).integers(0, 200, (N, 4)).astype(np.float32)
    places[:, 1] += places[:, 0]  # as spans they end after they begin
    one = stands(places=places)

    for evaluation in (Evaluation(subject="boxes", kind="image", run_id=1), SPANS):
        each = [judging.judge(evaluation, one, Slice(size=size)).points for size in judging.sizes(evaluation)]
        assert sum(each) == N
        assert all(each)
    assert judging.sizes(TAGS) == {}


def test_what_is_not_sure_enough_is_nothing():
    one = stands()
    sure = one.now.score >= 0.7

    found = judging.judge(TAGS, one, Slice(), least=0.7)

    right = (one.now.truth == one.now.predicted) & sure
    assert found.accuracy == pytest.approx(right.sum() / N)
    assert sum(label.said for label in found.labels) == sure.sum()


def test_spans_from_end_to_end():
    overlap = np.where(np.arange(N) % 2, 1.0, 0.8).astype(np.float32)
    one = stands(overlap=overlap)

    found = judging.judge(SPANS, one, Slice())

    right = ((one.now.truth == one.now.predicted) & (overlap == 1)).sum()
    assert found.exact == pytest.approx(right / N)


def test_the_threshold_at_which_mistakes_cost_least_costs_no_more_than_any_other():
    one = stands()
    costs = {"10": [5.0, 1.0], "11": [0.5, 3.0], "12": [1.0, 1.0], "13": [1.0, 1.0]}

    found = judging.judge(TAGS, one, Slice(), costs=costs, bearable=0.1).adequate

    def cost_at(threshold: float) -> float:
        total = 0.0
        for row, (false_alarm, miss) in enumerate(costs.values()):
            taken = (one.now.predicted == row) & (one.now.score >= threshold)
            hits = (taken & (one.now.truth == row)).sum()
            total += false_alarm * (taken.sum() - hits) + miss * ((one.now.truth == row).sum() - hits)
        return total

    assert found.least == pytest.approx(cost_at(found.threshold))
    assert found.taken == pytest.approx(cost_at(0))
    assert found.least <= min(cost_at(threshold) for threshold in np.linspace(0, 1, 50)) + 1e-9
    wrong = (one.now.truth != one.now.predicted).sum()
    assert found.adequate == pytest.approx(1 - 0.1 / (cost_at(0) / wrong))


def test_how_many_labels_are_missing_is_told_where_mistakes_fall_as_a_power():
    sizes = [100, 200, 400]
    accuracies = [1 - 2 * size**-0.5 for size in sizes]

    assert judging.missing(sizes, accuracies, 0.95) == 1600 - 400
    assert judging.missing(sizes, accuracies, 0.5) == 0
    assert judging.missing(sizes[:2], accuracies[:2], 0.95) is None
    assert judging.missing(sizes, [0.9, 0.9, 0.9], 0.95) is None


def test_what_two_differ_in_is_told_thing_by_thing():
    one = stands()
    predicted = one.now.predicted.copy()
    right = np.flatnonzero(one.now.truth == predicted)[:3]
    wrong = np.flatnonzero(one.now.truth != predicted)[:2]
    predicted[right] = (predicted[right] + 1) % K
    predicted[wrong] = one.now.truth[wrong]

    found = judging.changed(one, stands(predicted=predicted))

    assert (found.both, found.mended, found.broken) == (N, wrong.tolist(), right.tolist())


@pytest.mark.parametrize("written", ["-1", "a lot", "1e20", "nan"])
def test_what_is_no_cost_is_refused(written):
    with pytest.raises(Invalid, match="is no cost"):
        judging.checked({"1": (written, "1")}, "")


# The page -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def evaluation(project, alice):
    cups_and_bowls(project, alice, wrong=[0])
    return learned(project, alice)


def page(user, evaluation, **asked):
    return client_of(user).get(f"/projects/{evaluation.project_id}/evaluations/{evaluation.pk}/", asked)


@pytest.mark.django_db
def test_the_page_tells_the_figures_in_words_a_manager_reads(alice, vera, evaluation):
    content = page(vera, evaluation).content.decode()

    assert "accuracy" in content
    assert "cup" in content
    assert standing.of(evaluation).k == 2

    client = client_of(alice)
    address = f"/projects/{evaluation.project_id}/evaluations/{evaluation.pk}/costs/"
    first, second = evaluation.facts["labels"]
    told = {
        f"false-{first}": "2",
        f"miss-{first}": "1",
        f"false-{second}": "1",
        f"miss-{second}": "4",
        "bearable": "0.05",
    }
    assert client.post(address, told)["Location"].endswith(f"/evaluations/{evaluation.pk}/")
    content = page(alice, evaluation).content.decode()
    assert " of 0.9" in content
    assert "costs least" in content

    assert client_of(vera).post(address, told).status_code == 403
    assert "is no cost" in client.post(address, told | {"bearable": "much"}).content.decode()


@pytest.mark.django_db
def test_the_page_takes_slices_and_a_second_evaluation(alice, project, evaluation):
    again = learned(project, alice)

    narrow = page(alice, evaluation, by=alice.pk, q="cup").content.decode()
    both = page(alice, evaluation, **{"with": again.pk}).content.decode()

    assert "20 things" in narrow
    assert "Nothing has changed" in both or "right before" in both
    assert page(alice, evaluation, size="huge").status_code == 302


@pytest.mark.django_db
def test_a_slice_with_nothing_in_it_says_so(alice, evaluation):
    assert "Nothing fits" in page(alice, evaluation, q="nowhere").content.decode()


def test_the_points_of_nothing_have_no_figures():
    none = points.none()
    empty = Standing(Labels([1, 2], ["a", "b"]), none, none, np.empty(0, int), np.empty(0, int), [])

    found = judging.judge(TAGS, empty, Slice())

    assert (found.points, found.accuracy, found.reliability, found.adequate) == (0, 0.0, None, None)
