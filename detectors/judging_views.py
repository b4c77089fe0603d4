"""The page that tells how good a model is, and what its mistakes cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from annotator.finding import Search
from annotator.parameters import filters, number, one_of
from detectors.confusion import asking, judging, slicing, standing, telling
from detectors.confusion.judging import Adequate, Judged, Slice
from detectors.confusion.listing import Likely
from detectors.confusion.standing import Standing
from detectors.evaluation.calibration import Reliability
from detectors.models import Costs, Evaluation, EvaluationState, Order
from projects.access import get_project, person
from projects.errors import Invalid
from projects.models import Project, Role

WIDE, HIGH = 320, 180  # of a drawing
MOST = 200  # places of a line that is drawn
SHOWN = 12  # things that are shown of what has changed
OF_ITEMS = ("tag", "q", "status", "mark", "assignee", "from", "to")


@dataclass(frozen=True)
class Bar:
    """Of a bin of confidence: where it stands, how high it is, and how high it should be, in pixels."""

    left: float
    width: float
    top: float
    height: float
    should: float
    title: str


@login_required
def judged(request: HttpRequest, pk: int, evaluation: int) -> HttpResponse:
    found = of_project(request, pk, evaluation)
    try:
        return shown(request, found.project, found)
    except Invalid as refusal:  # an address that somebody has written
        messages.error(request, str(refusal.detail))
        return redirect("evaluation-judged", pk, evaluation)


@login_required
@require_POST
def costs(request: HttpRequest, pk: int, evaluation: int) -> HttpResponse:
    """What mistakes cost (managers)."""
    project = get_project(person(request), pk, Role.MANAGER)
    found = of_project(request, pk, evaluation)
    ids = [str(label) for label in found.facts.get("labels", [])]
    posted = {one: (request.POST.get(f"false-{one}", ""), request.POST.get(f"miss-{one}", "")) for one in ids}
    try:
        labels, bearable = judging.checked(posted, request.POST.get("bearable", ""))
    except Invalid as refusal:
        return shown(request, project, found, refused=str(refusal.detail))
    row, _ = Costs.objects.get_or_create(project=project)
    row.labels, row.bearable = row.labels | labels, bearable
    row.save()
    return redirect("evaluation-judged", pk, evaluation)


def of_project(request: HttpRequest, pk: int, evaluation: int) -> Evaluation:
    found = asking.get_evaluation(person(request), evaluation)
    if found.project_id != pk or not found.digest:
        raise Http404
    return found


def shown(request: HttpRequest, project: Project, evaluation: Evaluation, refused: str = "") -> HttpResponse:
    stands = standing.of(evaluation)
    cost = Costs.objects.filter(project=project).first() or Costs(project=project)
    some = sliced(request, project, evaluation, stands)
    found = judging.judge(evaluation, stands, some, 0, cost.labels, cost.bearable)
    others = asking.of_project(project).filter(state=EvaluationState.DONE, subject=evaluation.subject)
    history = [one for one in reversed(others) if one.kind == evaluation.kind and one.facts.get("points")]
    context: dict[str, Any] = {
        "project": project,
        "evaluation": evaluation,
        "found": found,
        "things": found.points,
        "sizes": [(name, title) for name, (title, *_) in judging.sizes(evaluation).items()],
        "slices": slicing.of_project(project),
        "people": project.members.order_by("name", "pk"),
        "tags": project.labels.filter(removed_at=None, shapes__contains="tag"),
        "asked": request.GET,
        "narrow": any(request.GET.get(name) for name in ("of", "by", "size", "attribute", "slice", *OF_ITEMS)),
        "bars": bars(found.reliability),
        "costs": [(one, *cost.labels.get(str(one.label), (1, 1))) for one in found.labels],
        "bearable": cost.bearable,
        "line": line(found.adequate),
        "words": words(found, history),
        "refused": refused,
        "others": [one for one in others if one.pk != evaluation.pk],
        "history": history[-30:],
        "way": way([one.facts["accuracy"] for one in history[-30:]]),
        "curves": curves(evaluation.facts.get("curves", {})),
        "manages": project.role >= Role.MANAGER,
        **beside(request, project, evaluation, stands, found),
    }
    return render(request, "detectors/judged.html", context)


def sliced(request: HttpRequest, project: Project, evaluation: Evaluation, stands: Standing) -> Slice:
    """As the address says: a label's id `of`, an author's `by`, a `size`, an `attribute` with its `value`, a
    `slice`, and the grid's own words of items."""
    label, size = number(request, "of"), one_of(request, "size", judging.sizes(evaluation))
    if label is not None and label not in stands.labels.ids:
        raise Invalid("That label is not among those that are compared.", fields={"of": "unknown"})
    attribute = (request.GET.get("attribute", ""), request.GET.get("value", ""))
    some = any(request.GET.get(name) for name in OF_ITEMS)
    items = Search(person(request), project, filters(request)).ids() if some else None
    row = None if label is None else stands.labels.row(label)
    kept = number(request, "slice")
    things = slicing.get_slice(person(request), kept).things if kept else None
    return Slice(row, number(request, "by"), size, attribute if attribute[0] else None, items, things)


def beside(
    request: HttpRequest, project: Project, evaluation: Evaluation, stands: Standing, found: Judged
) -> dict[str, Any]:
    """A second evaluation, where one is asked for: its figures of the same slice, and what has changed."""
    chosen = number(request, "with")
    if chosen is None:
        return {}
    second = of_project(request, project.pk, chosen)
    there = standing.of(second)
    if there.labels.ids != stands.labels.ids:
        raise Invalid(
            "The two hold other labels against each other. Evaluate one of them anew.", fields={"with": "labels"}
        )
    other = judging.judge(second, there, sliced(request, project, second, there))
    changed = judging.changed(there, stands)

    def cards(numbers: Iterable[int]) -> list[telling.ThingCard]:
        return telling.cards(evaluation, stands, [Likely(one, -1, 0.0, "") for one in numbers])

    return {
        "second": second,
        "other": other,
        "changed": changed,
        "mended": cards(changed.mended[:SHOWN]),
        "broken": cards(changed.broken[:SHOWN]),
        "rows": list(zip(found.labels, other.labels, strict=True)),
        "labels": stands.labels.names,
    }


# Words and drawings ---------------------------------------------------------------------------------------------------


def words(found: Judged, history: Sequence[Evaluation]) -> dict[str, Any]:
    """How far it is from adequate, and what that takes."""
    money = found.adequate
    if money is None or money.adequate is None:
        return {}
    facts = [one.facts for one in history if one.weights_id]
    sizes, accuracies = [one["points"] for one in facts], [one["accuracy"] for one in facts]
    return {
        "is": f"{found.accuracy:.3f}",
        "of": f"{money.adequate:.3f}",
        "enough": found.accuracy >= money.adequate,
        "labels": judging.missing(sizes, accuracies, money.adequate),
    }


def bars(one: Reliability | None) -> list[Bar]:
    if one is None:
        return []
    found, width = [], WIDE / 10
    for confidence, accuracy, count in zip(
        one.confidence.tolist(), one.accuracy.tolist(), one.counts.tolist(), strict=True
    ):
        left = min(int(confidence * 10), 9) * width
        title = f"{count:,} of which it was {confidence:.0%} sure: {accuracy:.0%} were right"
        found.append(Bar(left, width - 2, HIGH * (1 - accuracy), HIGH * accuracy, HIGH * (1 - confidence), title))
    return found


def line(money: Adequate | None) -> dict[str, Any]:
    """Expected cost a thing against the threshold, as the points of a polyline."""
    if money is None:
        return {}
    thresholds, costs = money.costs.thresholds.clip(0, 1), money.costs.costs / money.things
    step = max(len(costs) // MOST, 1)
    highest = max(float(costs.max()), 1e-9)

    def place(threshold: float, cost: float) -> str:
        return f"{WIDE * threshold:.1f},{HIGH * (1 - cost / highest):.1f}"

    some = [*zip(thresholds[::step].tolist(), costs[::step].tolist(), strict=True)]
    best = place(min(money.threshold, 1), money.least / money.things).split(",")
    return {
        "points": " ".join(place(*one) for one in [*some, (float(thresholds[-1]), float(costs[-1]))]),
        "best": best,
        "threshold": f"{min(money.threshold, 1):.2f}",
        "least": f"{money.least / money.things:.3f}",
        "taken": f"{money.taken / money.things:.3f}",
        "highest": f"{highest:.2f}",
    }


CURVES = {
    "chance": ("By chance", "#98a4b7"),
    Order.UNCERTAINTY.value: ("Where the model is least sure", "#7c9bff"),
    Order.DISTANCE.value: ("What looks least like what is labelled", "#ff9d5c"),
    Order.MIXTURE.value: ("A mixture of these", "#3fd0c0"),
}


def curves(found: dict[str, list[tuple[int, float]]]) -> dict[str, Any]:
    """How accuracy would have grown with labels by each order, as the points of polylines."""
    every = [one for several in found.values() for one in several]
    if not every:
        return {}
    first, most = min(count for count, _ in every), max(count for count, _ in every)
    low, high = min(share for _, share in every), max(share for _, share in every)

    def place(count: int, share: float) -> str:
        across = (count - first) / max(most - first, 1)
        return f"{WIDE * across:.1f},{HIGH * (1 - (share - low) / max(high - low, 1e-9)):.1f}"

    lines = [
        (*CURVES[name], " ".join(place(*one) for one in several), f"{several[-1][1]:.3f}")
        for name, several in found.items()
    ]
    return {"lines": lines, "first": first, "most": most, "low": f"{low:.2f}", "high": f"{high:.2f}"}


def way(accuracies: Sequence[float]) -> str:
    """Accuracy over evaluations, as the points of a polyline."""
    if len(accuracies) < 2:
        return ""
    low = min(accuracies) - 0.005
    high = max(max(accuracies), low + 0.01)
    return " ".join(
        f"{WIDE * at / (len(accuracies) - 1):.1f},{HIGH * (1 - (one - low) / (high - low)) * 0.9 + 6:.1f}"
        for at, one in enumerate(accuracies)
    )
