"""How good a model is, by what it says of all things or of a slice of them: for the page of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.models import Annotation
from detectors.confusion import points
from detectors.confusion.columns import Column, Columns
from detectors.confusion.standing import Standing
from detectors.evaluation import cost, figures
from detectors.evaluation.calibration import Reliability, reliability
from detectors.evaluation.cost import Costs
from detectors.models import Evaluation, Subject
from projects.errors import Invalid

Flags = NDArray[np.bool_]
SIZES: dict[str, tuple[str, float, float]] = {
    "small": ("Small", 0, 32**2),
    "medium": ("Medium", 32**2, 96**2),
    "large": ("Large", 96**2, np.inf),
}  # square pixels, as COCO has them
LENGTHS: dict[str, tuple[str, float, float]] = {
    "small": ("Up to 8 characters", 0, 9),
    "medium": ("9 to 24 characters", 9, 25),
    "large": ("Longer", 25, np.inf),
}
WHOLE = 1 - 1e-6  # of what both cover together: from end to end
FEWEST = 3  # evaluations from which it is told how it goes on


@dataclass(frozen=True)
class Slice:
    """Some of the things: of a label (its row), of an author, of a size, with an attribute's value; on some items; or
    chosen one by one."""

    label: int | None = None
    author: int | None = None
    size: str = ""
    attribute: tuple[str, str] | None = None
    items: Sequence[int] | None = None
    things: Sequence[str] | None = None  # ids, as 32 digits

    @property
    def narrow(self) -> bool:
        return self != Slice()


@dataclass(frozen=True)
class OfLabel:
    """`there` are in truth, `said` by the model. From 0 to 1."""

    label: int
    name: str
    there: int
    said: int
    precision: float
    recall: float
    f1: float
    ap: float


@dataclass(frozen=True)
class Adequate:
    """What mistakes cost: at each threshold, where they cost least, and where everything is taken; `adequate` is the
    accuracy at which a thing costs what it may, None where nobody has said that."""

    costs: Costs
    threshold: float
    least: float
    taken: float
    adequate: float | None
    things: int


@dataclass(frozen=True)
class Judged:
    points: int
    accuracy: float
    macro_f1: float
    labels: list[OfLabel]
    reliability: Reliability | None
    exact: float | None  # F1 of spans or boxes that agree from end to end
    adequate: Adequate | None
    shown: Columns = field(repr=False)


def judge(
    evaluation: Evaluation,
    stands: Standing,
    some: Slice,
    least: float = 0.0,
    costs: dict[str, Sequence[float]] | None = None,
    bearable: float | None = None,
) -> Judged:
    """Predictions below the confidence `least` are not counted."""
    now, k = stands.now.take(np.flatnonzero(chosen(evaluation, stands, some))), stands.k
    sure = ~(now.score < least)
    truth, predicted = counted(now, sure, k)
    matrix = figures.counted(truth, predicted, k)
    rates = figures.rates(matrix)
    there = rates.support > 0
    told = ~np.isnan(now.score) & sure
    right = now.truth == now.predicted
    precisions = [average_precision(now, label) for label in range(k)]
    labels = [
        OfLabel(
            stands.labels.ids[label],
            stands.labels.names[label],
            int(rates.support[label]),
            int(matrix[:, label].sum()),
            float(rates.precision[label]),
            float(rates.recall[label]),
            float(rates.f1[label]),
            precisions[label],
        )
        for label in range(k)
    ]
    accuracy = figures.accuracy(matrix)
    return Judged(
        points=len(truth),
        accuracy=accuracy,
        macro_f1=float(rates.f1[there].mean()) if there.any() else 0.0,
        labels=labels,
        reliability=reliability(now.score[told].astype(np.float64), right[told]) if told.any() else None,
        exact=exact(now, truth, predicted, k) if evaluation.run_id and evaluation.subject == Subject.SPANS else None,
        adequate=adequate(now, stands, costs or {}, bearable) if len(now) else None,
        shown=now,
    )


def counted(now: Columns, sure: Flags, k: int) -> tuple[Column, Column]:
    """The labels that are told, where what is not sure enough is nothing; what is nothing in both is not counted."""
    predicted = np.where(sure, now.predicted, k)
    some = (now.truth < k) | (predicted < k)
    return now.truth[some].astype(np.intp), predicted[some].astype(np.intp)


def average_precision(now: Columns, label: int) -> float:
    mine = now.predicted == label
    right = now.truth[mine] == label
    return figures.average_precision(now.score[mine].astype(np.float64), right, int((now.truth == label).sum()))


def exact(now: Columns, truth: Column, predicted: Column, k: int) -> float:
    """F1 over all labels of what has the same label and the same ends."""
    right = int(((now.truth == now.predicted) & (now.overlap >= WHOLE)).sum())
    total = int((truth < k).sum() + (predicted < k).sum())
    return 2 * right / total if total else 0.0


def chosen(evaluation: Evaluation, stands: Standing, some: Slice) -> Flags:
    now = stands.now
    found = np.ones(len(now), bool)
    if some.label is not None:
        found &= (now.truth == some.label) | (now.predicted == some.label)
    if some.author is not None:
        found &= now.authors == some.author
    if some.items is not None:
        found &= np.isin(now.items, list(some.items))
    if some.size:
        _, least, most = sizes(evaluation).get(some.size, ("", 0, 0))
        measured = size_of(evaluation, now)
        found &= (measured >= least) & (measured < most)
    if some.things is not None:
        those = {bytes.fromhex(one) for one in some.things}
        found &= np.array([bytes(one) in those for one in now.ids], bool)
    if some.attribute:
        found &= has_value(now, *some.attribute)
    return found


def sizes(evaluation: Evaluation) -> dict[str, tuple[str, float, float]]:
    """By what things differ in size; nothing where they are all of their items."""
    return {Subject.TAGS.value: {}, Subject.SPANS.value: LENGTHS}.get(evaluation.subject, SIZES)


def size_of(evaluation: Evaluation, now: Columns) -> Column:
    if evaluation.subject == Subject.SPANS:
        return now.places[:, 1] - now.places[:, 0]
    return now.places[:, 2] * now.places[:, 3]


def has_value(now: Columns, attribute: str, value: str) -> Flags:
    """Which are annotations with that value of an attribute, as it is written."""
    rows = Annotation.objects.filter(
        deleted=False, attributes__has_key=attribute, sheet__item__in=np.unique(now.items).tolist()
    )
    those = {pk.bytes for pk, values in rows.values_list("pk", "attributes") if str(values[attribute]) == value}
    return np.array([bytes(one) in those for one in now.ids], bool)


# What it costs --------------------------------------------------------------------------------------------------------


def adequate(
    now: Columns, stands: Standing, by_label: dict[str, Sequence[float]], bearable: float | None
) -> Adequate | None:
    """None where no mistake costs anything."""
    parts, mean = [], []
    for row, pk in enumerate(stands.labels.ids):
        false_alarm, miss = by_label.get(str(pk), (1.0, 1.0))
        mine = now.predicted == row
        right, there = now.truth[mine] == row, int((now.truth == row).sum())
        scores = now.score[mine].astype(np.float64)
        parts.append(cost.costs(scores, right, there, false_alarm=false_alarm, miss=miss))
        mean.append((false_alarm + miss) * there)
    things = int((now.truth < stands.k).sum())
    if not things or not sum(mean):
        return None
    whole = cost.together(parts)
    threshold, least = whole.best
    wrong = int((now.truth != now.predicted).sum())
    each = float(whole.costs[-1]) / wrong if wrong else sum(mean) / things
    enough = None if bearable is None or not each else float(np.clip(1 - bearable / each, 0, 1))
    return Adequate(whole, threshold, least, float(whole.costs[-1]), enough, things)


def checked(posted: dict[str, tuple[str, str]], bearable: str) -> tuple[dict[str, list[float]], float | None]:
    """Costs as people write them: by label's id a false alarm and a miss."""
    found = {label: [amount(one) for one in both] for label, both in posted.items()}
    return found, amount(bearable) if bearable.strip() else None


def amount(written: str) -> float:
    try:
        value = float(written.replace(",", ".") or 1)
    except ValueError:
        value = -1
    if not 0 <= value < 1e12:
        raise Invalid(f"“{written[:20]}” is no cost: write a number of 0 or more, like 2.5.")
    return value


# How it goes on -------------------------------------------------------------------------------------------------------


def missing(sizes: Sequence[int], accuracies: Sequence[float], wanted: float) -> int | None:
    """How many labels more it takes to come to an accuracy, if mistakes fall on as they have fallen: as a power of how
    many labels there are (Cortes et al., 1993). None where that cannot be told, as they are too few or do not fall."""
    pairs = {size: 1 - accuracy for size, accuracy in zip(sizes, accuracies, strict=True) if size and accuracy < 1}
    if len(pairs) < FEWEST or wanted >= 1:
        return None
    slope, start = np.polyfit(np.log(list(pairs)), np.log(list(pairs.values())), 1)
    if slope >= -0.01:
        return None
    needed = np.exp((np.log(1 - wanted) - start) / slope)
    return int(np.ceil(needed - max(pairs))) if needed > max(pairs) else 0


# Two of them ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """Numbers of points, of the second, of things that both have: right in one and wrong in the other."""

    both: int
    mended: list[int]
    broken: list[int]


def changed(one: Standing, other: Standing) -> Changed:
    before = points.index(one.now.ids)
    rows = [(before[key], number) for key, number in points.index(other.now.ids).items() if key in before]
    was, now = one.now.truth == one.now.predicted, other.now.truth == other.now.predicted
    return Changed(
        len(rows),
        [number for row, number in rows if now[number] and not was[row]],
        [number for row, number in rows if was[row] and not now[number]],
    )
