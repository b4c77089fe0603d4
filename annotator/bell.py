"""The bell of every page: how many notices one has not read, which, and the way to each."""

import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import notices
from annotator.models import Notice
from projects.access import person
from projects.serializers import Person

SNIPPET = 160


class NoticeOut(serializers.Serializer):
    """Someone has mentioned one, or answered in a thread of one's own."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(["mention", "answer"])
    by = Person(source="comment.author")
    text = serializers.SerializerMethodField()
    item = serializers.CharField(source="comment.sheet.item.name")
    project = serializers.CharField(source="comment.sheet.item.project.name")
    at = serializers.DateTimeField(source="comment.created_at")
    read = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()

    def get_text(self, notice: Notice) -> str:
        """One's own user name stands as one's name, as in the comment itself."""
        own = rf"(?<!\w)@{re.escape(notice.user.username)}(?![\w-])"
        text = re.sub(own, lambda _: f"@{notice.user}", notice.comment.text, flags=re.IGNORECASE)
        short = len(text) <= SNIPPET or not notices.is_shown(notice)  # then it is read here or nowhere
        return text if short else f"{text[:SNIPPET]}…"

    def get_read(self, notice: Notice) -> bool:
        return notice.read_at is not None

    def get_address(self, notice: Notice) -> str:
        return reverse("notice", args=[notice.pk])


class Notices(serializers.Serializer):
    unread = serializers.IntegerField()
    notices = NoticeOut(many=True)


class NoticeList(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("count", bool, description="1: only how many are not read")],
        responses=Notices,
    )
    def get(self, request: Request) -> Response:
        """Who has mentioned one or answered, latest first, and how much of it is not read."""
        user = person(request)
        found: Any = [] if request.query_params.get("count") else notices.latest(user)
        unread = notices.notices_of(user).filter(read_at=None).count()
        return Response(Notices({"unread": unread, "notices": found}).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Count all notices as read."""
        notices.mark_all_read(person(request))
        return Response(status=204)


@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """To the comment that a notice is about; with that it is read, where the page shows it."""
    found = notices.open_one(person(request), pk)
    item = found.comment.sheet.item
    return redirect(f"{reverse('editor', args=[item.project_id, item.pk])}#comment-{found.comment_id}")
