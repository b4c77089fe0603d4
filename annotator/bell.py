"""The bell of every page: how many notices one has not read, which, and the way to each."""

import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import here, notices
from annotator.models import Notice, NoticeKind, Status
from projects.access import person
from projects.serializers import Person

SNIPPET = 160


class NoticeOut(serializers.Serializer):
    """Someone has mentioned one, or answered in a thread of one's own; has assigned `items` to one, or sent them back;
    asks to join, or has answered one who did."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(NoticeKind.values)
    by = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    item = serializers.SerializerMethodField()
    items = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project.name")
    at = serializers.DateTimeField()
    read = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()

    @extend_schema_field(Person(allow_null=True))
    def get_by(self, notice: Notice) -> dict[str, Any] | None:
        """Which manager it was is not told to who was not let in."""
        return None if notice.kind == NoticeKind.DECLINED else dict(Person(notice.by).data)

    def get_text(self, notice: Notice) -> str:
        """One's own user name stands as one's name, as in the comment itself."""
        if notice.comment is None:
            return notice.work.reason if notice.work else ""
        own = rf"(?<!\w)@{re.escape(notice.user.username)}(?![\w-])"
        text = re.sub(own, lambda _: f"@{notice.user}", notice.comment.text, flags=re.IGNORECASE)
        if len(text) <= SNIPPET or not notices.is_shown(notice.comment, notice.user):  # else it is read there
            return text
        return f"{text[:SNIPPET]}…"

    def get_item(self, notice: Any) -> str:
        """The one that it is about."""
        if notice.items == 1:
            return str(notice.item_name)
        return notice.comment.sheet.item.name if notice.comment else ""

    def get_read(self, notice: Notice) -> bool:
        return notice.read_at is not None

    def get_address(self, notice: Notice) -> str:
        return reverse("notice", args=[notice.pk])


class Notices(serializers.Serializer):
    unread = serializers.IntegerField()
    notices = NoticeOut(many=True)


class NoticeList(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("count", bool, description="1: only how many are not read"),
            OpenApiParameter(
                "at", str, description="The path of the page that is looked at, so that others see where."
            ),
        ],
        responses=Notices,
    )
    def get(self, request: Request) -> Response:
        """Who has mentioned one or answered, latest first, and how much of it is not read."""
        user = person(request)
        if at := request.query_params.get("at"):
            here.say(user, at)
        found: Any = [] if request.query_params.get("count") else notices.latest(user)
        unread = notices.notices_of(user, read_at=None).count()
        return Response(Notices({"unread": unread, "notices": found}).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Count all notices as read."""
        notices.mark_all_read(person(request))
        return Response(status=204)


@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """To what a notice is about; with that it is read, where the page shows it."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "")  # the browser's guess, and nobody has read it
    found = notices.open_one(person(request), pk, reads=not ahead)
    if found.kind == NoticeKind.ASKS:
        return redirect(f"{reverse('settings', args=[found.project.pk])}#members-title")
    if found.work:
        return redirect(to_work(found))
    if found.comment is None:
        return redirect("project", found.project.pk) if found.kind == NoticeKind.LET_IN else redirect("home")
    item = found.comment.sheet.item
    return redirect(f"{reverse('editor', args=[item.project_id, item.pk])}#comment-{found.comment_id}")


def to_work(notice: Any) -> str:
    """To the item, or to the grid with all that wait so."""
    project = notice.project.pk
    if notice.items == 1:
        return reverse("editor", args=[project, notice.item])
    mine = f"status={Status.RETURNED}&finisher={notice.user_id}"
    return f"{reverse('project', args=[project])}?{'assignee=me' if notice.kind == NoticeKind.ASSIGNED else mine}"
