"""HTTP: evaluations, and what the confusion map is told of one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotator.api import answer, decode, schema
from annotator.parameters import number, one_of
from detectors.confusion import asking, listing, saying, slicing, telling
from detectors.models import Evaluation, EvaluationState
from projects.access import get_project, person
from projects.errors import Conflict, Invalid

ARROW = "application/vnd.apache.arrow.stream"


class EvaluationOut(msgspec.Struct, frozen=True):
    """What a model says, held against what people say: of the predictions of a `run`, or of what was told when a model
    learned (`weights`, of a `model` by its name) by who had learned the same, but not from it. `facts` are its figures
    when it was made."""

    id: int
    name: str
    subject: str
    kind: str
    run: int | None
    weights: int | None
    model: str
    version: int | None
    follows: bool
    least: float
    classes: str
    state: str
    detail: str
    facts: dict[str, Any]
    created_at: datetime


def told(one: Evaluation) -> EvaluationOut:
    return EvaluationOut(
        one.pk,
        one.name,
        one.subject,
        one.kind,
        one.run_id,
        one.weights_id,
        one.weights.name if one.weights else "",
        one.version_id,
        one.follows,
        one.least,
        one.classes,
        one.state,
        one.detail,
        one.facts,
        one.created_at,
    )


class ProjectEvaluations(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(EvaluationOut)}})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The evaluations of a project, latest first."""
        project = get_project(person(request), pk)
        return answer([told(one) for one in asking.of_project(project)])

    @extend_schema(request={"application/json": schema(asking.AskEvaluation)}, responses={201: schema(EvaluationOut)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Hold a run against the labels, as they are or as they were at a version (managers).

        A worker does it: ask for its `state` until it is `done` or `failed`."""
        asked = decode(request.body, asking.AskEvaluation)
        return answer(told(asking.ask(person(request), pk, asked)), status=201)


class EvaluationDetail(APIView):
    @extend_schema(responses={200: schema(EvaluationOut)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """One evaluation."""
        return answer(told(asking.get_evaluation(person(request), pk)))

    @extend_schema(request=None, responses={200: schema(EvaluationOut)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Evaluate anew, in its place (managers)."""
        return answer(told(asking.again(person(request), pk)))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> HttpResponse:
        """Delete it; labels and predictions stay (managers)."""
        asking.delete(person(request), pk)
        return HttpResponse(status=204)


def done(request: HttpRequest | Request, pk: int) -> Evaluation:
    """One that has something to show."""
    evaluation = asking.get_evaluation(person(request), pk)
    if evaluation.digest:
        return evaluation
    if evaluation.state == EvaluationState.FAILED:
        raise Conflict(evaluation.detail, code="failed")
    raise Conflict("It is being evaluated. Its points are there in a moment.", code="under_way")


class EvaluationPoints(APIView):
    @extend_schema(
        parameters=[OpenApiParameter(name, int, description="a principal component, from 0") for name in "xy"],
        responses={(200, ARROW): bytes},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Its points as they were when it was evaluated: columns as an Arrow stream, by items."""
        evaluation = done(request, pk)
        x, y = number(request, "x") or 0, number(request, "y")
        try:
            data = telling.points(evaluation, x, 1 if y is None else y)
        except FileNotFoundError:
            raise Conflict("Its points are not in storage any more. Evaluate it anew.", code="lost") from None
        return HttpResponse(data, content_type=ARROW)


class EvaluationStanding(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("by", str, enum=list(listing.ORDERS))],
        responses={200: schema(telling.EvaluationNow)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What people have changed since it was evaluated, the figures now, and what is likely to be a mistake."""
        by = one_of(request, "by", listing.ORDERS) or "confident"
        return answer(telling.now(done(request, pk), person(request), by))


class Glance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Things of items, by the ids of both."""

    ids: list[UUID]
    items: list[int]


class EvaluationGlance(APIView):
    @extend_schema(
        request={"application/json": schema(Glance)},
        responses={200: {"type": "array", "items": schema(telling.ThingCard)}},
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """What some of its points are, to be shown."""
        asked = decode(request.body, Glance)
        if len(asked.ids) > 100:
            raise Invalid("Ask for at most 100 at a time.", fields={"ids": "many"})
        return answer(telling.glance(done(request, pk), asked.ids, asked.items))


class ProjectVerdicts(APIView):
    @extend_schema(request={"application/json": schema(saying.Say)}, responses={204: None})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Say of a likely mistake that it is right as it is (annotators), or that one will not see it any more."""
        saying.say(person(request), pk, decode(request.body, saying.Say))
        return HttpResponse(status=204)


class ProjectSlices(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(slicing.SliceOut)}})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The slices of a project, by name, without their things."""
        return answer(slicing.of_project(get_project(person(request), pk)))

    @extend_schema(request={"application/json": schema(slicing.KeepSlice)}, responses={201: schema(slicing.SliceOut)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Keep things under a name (annotators)."""
        return answer(slicing.keep(person(request), pk, decode(request.body, slicing.KeepSlice)), status=201)


class SliceDetail(APIView):
    @extend_schema(responses={200: schema(slicing.SliceOut)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A slice with its things."""
        found = slicing.get_slice(person(request), pk)
        return answer(slicing.SliceOut(found.pk, found.name, len(found.things), found.things))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> HttpResponse:
        """Forget it; its things stay (annotators)."""
        slicing.delete(person(request), pk)
        return HttpResponse(status=204)
