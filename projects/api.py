"""The HTTP API of people, projects, members, labels and items."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.db.models import QuerySet
from django.forms import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.models import AuthToken
from rest_framework import exceptions, generics, serializers, status
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects import media
from projects.access import get_example, get_item, get_label, get_membership, get_project, person, projects_of
from projects.errors import Invalid
from projects.models import Item, ItemKind, Media, Role
from projects.serializers import (
    Credentials,
    ExampleIn,
    ExampleOut,
    FilesIn,
    GuidelinesReadIn,
    HandOver,
    ItemOut,
    ItemWhole,
    LabelChange,
    LabelIn,
    LabelOut,
    LabelSaved,
    Me,
    MemberIn,
    MemberOut,
    ProjectChange,
    ProjectIn,
    ProjectOut,
    ProjectWhole,
    RefusedFile,
    RoleChange,
    TextIn,
    Token,
    TokenIn,
    UploadOut,
)
from projects.services import examples, items, labels, members, people, projects

FOR_EVER = 365 * 24 * 3600


def read(kind: type[serializers.BaseSerializer], request: Request, *, partial: bool = False) -> dict[str, Any]:
    given = kind(data=request.data, partial=partial)
    given.is_valid(raise_exception=True)
    return given.validated_data


@reauthentication_required
def prove(request: HttpRequest) -> None:
    """Raises where somebody's password was not asked for lately."""


class Tokens(APIView):
    """Tokens for programs: send `Authorization: Token <token>`."""

    permission_classes = [AllowAny]

    @extend_schema(request=Credentials, responses={201: Token})
    def post(self, request: Request) -> Response:
        """A new token, for a user name and password or for who is signed in to the pages. It is shown only now."""
        by_session = request.user.is_authenticated and not request.auth
        user = self.by_session(request) if by_session else self.by_password(request)
        row, token = people.make_token(user, **read(TokenIn, request))
        return Response(Token({"token": token, "expiry": row.expiry}).data, status=status.HTTP_201_CREATED)

    def by_session(self, request: Request) -> Any:
        """A token outlives a session that was left open: the password is asked for, as on the page."""
        try:
            prove(request._request)
        except ReauthenticationRequired:
            detail = (
                "Confirm that it is you at /accounts/reauthenticate/ first, or make the token on your profile's page."
            )
            raise exceptions.PermissionDenied(detail, "reauthentication_required") from None
        return person(request)

    def by_password(self, request: Request) -> Any:
        given = read(Credentials, request)
        given.pop("name", "")
        if not (given.get("username") and given.get("password")):
            raise exceptions.NotAuthenticated("Send a user name and a password, or sign in to the pages first.")
        try:
            user = get_adapter().authenticate(request._request, **given)
        except ValidationError as error:
            raise exceptions.Throttled(detail=" ".join(error.messages)) from None
        if user is None:
            raise exceptions.AuthenticationFailed("The user name or the password is not right. Try again.")
        if is_mfa_enabled(user):
            detail = "This account asks for a code when signing in. Sign in to the pages and make a token there."
            raise exceptions.AuthenticationFailed(detail)
        return user

    @extend_schema(
        parameters=[OpenApiParameter("all", bool, description="end all of one's tokens")], responses={204: None}
    )
    def delete(self, request: Request) -> Response:
        """End the token that this request came with, or all."""
        if request.user.is_authenticated and request.query_params.get("all"):
            AuthToken.objects.filter(user=person(request)).delete()
            return Response(status=status.HTTP_204_NO_CONTENT)
        if not isinstance(request.auth, AuthToken):
            raise exceptions.NotAuthenticated("Send the token that is to end as “Authorization: Token …”.")
        request.auth.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        """Who is signed in."""
        return Response(Me(person(request)).data)


class Projects(APIView):
    @extend_schema(responses=ProjectOut(many=True))
    def get(self, request: Request) -> Response:
        """The projects one is a member of, newest first."""
        return Response(ProjectOut(projects_of(person(request)).order_by("-pk"), many=True).data)

    @extend_schema(request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        """Begin a project, as its owner."""
        project = projects.create(person(request), **read(ProjectIn, request))
        return Response(ProjectOut(project).data, status=status.HTTP_201_CREATED)


class ProjectDetail(APIView):
    @extend_schema(responses=ProjectWhole)
    def get(self, request: Request, pk: int) -> Response:
        """A project."""
        return Response(ProjectWhole(get_project(person(request), pk)).data)

    @extend_schema(request=ProjectChange, responses=ProjectOut)
    def patch(self, request: Request, pk: int) -> Response:
        """Change a project's settings (managers)."""
        project = projects.change(person(request), pk, **read(ProjectChange, request, partial=True))
        return Response(ProjectOut(project).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Put the project into the trash (owners). After 30 days there it is purged."""
        projects.trash(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectArchive(APIView):
    @extend_schema(request=None, responses=ProjectOut)
    def post(self, request: Request, pk: int) -> Response:
        """Archive the project: everyone may look at it and nobody may change it (owners)."""
        return Response(ProjectOut(projects.archive(person(request), pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Bring the project back from the archive (owners)."""
        projects.bring_back(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectTransfer(APIView):
    @extend_schema(request=HandOver, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Make another member the owner, and become a manager or leave (owners)."""
        members.hand_over(person(request), pk, **read(HandOver, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Examples(APIView):
    @extend_schema(request={"multipart/form-data": ExampleIn}, responses={201: ExampleOut})
    def post(self, request: Request, pk: int) -> Response:
        """Upload a picture for the guidelines (managers)."""
        get_project(person(request), pk, Role.MANAGER)
        example = examples.add(person(request), pk, read(ExampleIn, request)["file"])
        return Response(ExampleOut(example).data, status=status.HTTP_201_CREATED)


class ExampleMedia(APIView):
    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """A picture of the guidelines."""
        image = get_example(person(request), pk).media
        return send(request, image.shown_path, image.shown_type, f'"example-{pk}"')


class GuidelinesRead(APIView):
    @extend_schema(request=GuidelinesReadIn, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Say which guidelines one has read: when they change, one is told."""
        members.read_guidelines(person(request), pk, **read(GuidelinesReadIn, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Labels(APIView):
    @extend_schema(responses=LabelOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The labels, removed ones among them: annotations may still have them."""
        return Response(LabelOut(get_project(person(request), pk).labels.all(), many=True).data)

    @extend_schema(request=LabelIn, responses={201: LabelSaved})
    def post(self, request: Request, pk: int) -> Response:
        """Add a label (managers)."""
        label = labels.add(person(request), pk, **read(LabelIn, request))
        return Response(LabelSaved(label).data, status=status.HTTP_201_CREATED)


class LabelDetail(APIView):
    @extend_schema(responses=LabelOut)
    def get(self, request: Request, pk: int) -> Response:
        """A label."""
        return Response(LabelOut(get_label(person(request), pk)).data)

    @extend_schema(request=LabelChange, responses=LabelSaved)
    def patch(self, request: Request, pk: int) -> Response:
        """Change a label (managers)."""
        label = labels.change(person(request), pk, **read(LabelChange, request, partial=True))
        return Response(LabelSaved(label).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a label (managers). Annotations that have it keep it."""
        labels.remove(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Members(APIView):
    @extend_schema(responses=MemberOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The members and their roles."""
        memberships = get_project(person(request), pk).memberships.select_related("user")
        return Response(MemberOut(memberships.order_by("-role", "user__name"), many=True).data)

    @extend_schema(request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request, pk: int) -> Response:
        """Add a member (managers)."""
        membership = members.add(person(request), pk, **read(MemberIn, request))
        return Response(MemberOut(membership).data, status=status.HTTP_201_CREATED)


class MemberDetail(APIView):
    @extend_schema(responses=MemberOut)
    def get(self, request: Request, pk: int) -> Response:
        """A member and their role."""
        return Response(MemberOut(get_membership(person(request), pk)).data)

    @extend_schema(request=RoleChange, responses=MemberOut)
    def patch(self, request: Request, pk: int) -> Response:
        """Change a member's role (managers)."""
        membership = members.change(person(request), pk, **read(RoleChange, request))
        return Response(MemberOut(membership).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take someone out of the project, or leave it oneself."""
        members.remove(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemPages(CursorPagination):
    ordering = "id"
    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"
    invalid_cursor_message = "This is no page of the list. Begin with the first page, without a cursor."

    def decode_cursor(self, request: Request) -> Cursor | None:
        """DRF would ask the database for an id that is no number."""
        cursor = super().decode_cursor(request)
        if cursor and not str(cursor.position or 0).isdecimal():
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


class Items(generics.ListAPIView):
    serializer_class = ItemOut
    pagination_class = ItemPages
    queryset = Item.objects.none()

    def get_queryset(self) -> QuerySet[Item]:
        trashed = self.request.query_params.get("trashed") == "1"
        project = get_project(person(self.request), self.kwargs["pk"], Role.MANAGER if trashed else Role.VIEWER)
        found = Item.objects.filter(project=project, purged_at=None, trashed_at__isnull=not trashed).defer("text")
        kind = self.request.query_params.get("kind")
        if kind and kind not in ItemKind.values:
            raise Invalid("The kind is “image” or “text”.", fields={"kind": "“image” or “text”"})
        return found.filter(kind=kind) if kind else found

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", enum=ItemKind.values),
            OpenApiParameter("trashed", enum=["1"], description="those in the trash instead (managers)"),
        ]
    )
    def get(self, request: Request, pk: int) -> Response:
        """The items by pages, without their texts."""
        return self.list(request)

    @extend_schema(request={"multipart/form-data": FilesIn, "application/json": TextIn}, responses={201: UploadOut})
    def post(self, request: Request, pk: int) -> Response:
        """Upload images and texts as `files`, up to 100 and 2 GB at a time, or send one text as JSON.

        A file whose name and content an item outside the trash has is refused as `there`. A text sent as JSON is
        always a new item."""
        if files := request.FILES.getlist("files"):
            upload = items.add_files(person(request), pk, files)
        else:
            upload = items.Upload(created=[items.add_text(person(request), pk, **read(TextIn, request))])
        created = [{**ItemOut(item).data, "note": upload.notes.get(item.pk, "")} for item in upload.created]
        answer = {"created": created, "refused": RefusedFile(upload.refused, many=True).data}
        if not created:
            detail = "None of the files could be used; each says why."
            return Response({"code": "refused", "detail": detail, **answer}, status=status.HTTP_400_BAD_REQUEST)
        return Response(answer, status=status.HTTP_201_CREATED)


class ItemDetail(APIView):
    @extend_schema(responses=ItemWhole)
    def get(self, request: Request, pk: int) -> Response:
        """An item, with its text."""
        return Response(ItemWhole(get_item(person(request), pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Put the item into the trash (managers). After 30 days there it is purged."""
        items.trash(person(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemRestore(APIView):
    @extend_schema(request=None, responses=ItemOut)
    def post(self, request: Request, pk: int) -> Response:
        """Take the item out of the trash, with its annotations as they were (managers)."""
        return Response(ItemOut(items.restore(person(request), pk)).data)


class ItemMedia(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("original", bool, description="the bytes as they were uploaded, as a download")],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The image as browsers show it upright."""
        item, image = get_image(request, pk)
        if not request.query_params.get("original"):
            return send(request, image.shown_path, image.shown_type, f'"{pk}"')
        response = send(request, image.path, image.content_type, f'"{pk}-original"')
        response["Content-Disposition"] = content_disposition_header(True, item.name)
        return response


class ItemThumbnail(APIView):
    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """A small copy of the image, as WebP."""
        _, image = get_image(request, pk)
        if not image.has_thumbnail:
            media.make_thumbnails([image.pk])
        return send(request, image.thumbnail_path, "image/webp", f'"{pk}-thumbnail"')


def get_image(request: Request, pk: int) -> tuple[Item, Media]:
    item = get_item(person(request), pk)
    if item.media is None:
        raise Http404
    return item, item.media


def send(request: Request | HttpRequest, name: str, content_type: str, etag: str) -> HttpResponseBase:
    """A stored file, to be kept by this browser for good: an item never changes."""
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        size = media.size_of(name)
        response = StreamingHttpResponse(media.stream(name), content_type=content_type)
        response["Content-Length"] = size
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={FOR_EVER}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
