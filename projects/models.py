"""People, projects, labels, items and their media."""

import uuid
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from projects import names

# Bright enough for dark letters (--ink in static/ui/look.css) in both themes.
PRESENCE_COLORS = ("#f0729a", "#2fb3a4", "#7f97ff", "#e0893a", "#a78bfa", "#4fb477", "#f0796f", "#35a7e0")


class User(AbstractUser):
    """A person. The user name is for signing in; others see the name."""

    first_name = last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=150)
    color = models.CharField(max_length=7, default=PRESENCE_COLORS[0])
    picture = models.CharField(max_length=64, blank=True)  # the SHA-256 of a WebP in storage
    time_zone = models.CharField(max_length=64, blank=True)  # the server's when empty

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="emails_differ"),
            models.UniqueConstraint(Lower("username"), name="usernames_differ"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def initials(self) -> str:
        return names.initials(str(self))

    @property
    def picture_path(self) -> str:
        return f"pictures/{self.pk}/{self.picture}.webp"

    @property
    def picture_address(self) -> str:
        """Nothing without one; another picture has another address."""
        return f"{reverse('picture', args=[self.pk])}?v={self.picture[:8]}" if self.picture else ""

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None


class SignInLink(models.Model):
    """A link that signs its user in once. Only the hash of its secret is kept."""

    user = models.ForeignKey(User, models.CASCADE)
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class NamedToken(models.Model):
    """What a person calls a token of theirs, so that they know later which program it is for."""

    token = models.OneToOneField("knox.AuthToken", models.CASCADE, primary_key=True, related_name="named")
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Role(models.IntegerChoices):
    VIEWER = 10
    ANNOTATOR = 20
    REVIEWER = 30
    MANAGER = 40
    OWNER = 50


class Project(models.Model):
    """A label set, its members, its items. `role` is the asking person's, who in an archived project only views, and
    `held` the one they have as a member: projects.access sets both. `demo` names which of annotator.demo it is."""

    role: int
    held: int

    name = models.CharField(max_length=200)
    guidelines = models.TextField(blank=True, validators=[MaxLengthValidator(100_000)])
    version = models.PositiveIntegerField(default=1)
    blind = models.BooleanField(default=False)
    demo = models.CharField(max_length=20, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    members: models.ManyToManyField = models.ManyToManyField(User, through="Membership", related_name="projects")

    def __str__(self) -> str:
        return self.name

    @property
    def role_name(self) -> str:
        return Role(self.held).label

    @property
    def highest(self) -> int:
        """The highest role that the asking person may give and take: owners any, others those below their own."""
        return Role.OWNER if self.role == Role.OWNER else self.role - 1


class Membership(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    guidelines_read = models.CharField(max_length=20, blank=True)  # a fingerprint that the editor makes

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_role_a_member"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="a_role_is_one_of_the_roles"),
        ]


class Invitation(models.Model):
    """A link by which people join a project. Its secret is signed anew each time it is shown, and kept nowhere."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    email = models.EmailField(blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    most_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="an_invitation_is_for_one_of_the_roles"),
            models.CheckConstraint(
                condition=Q(most_uses=None) | Q(uses__lte=F("most_uses")), name="an_invitation_is_not_overused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.project}"


class JoinRequest(models.Model):
    """Someone asks to be let in. Answered, it says in which role they are, or none."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    role = models.PositiveSmallIntegerField(null=True, choices=Role.choices)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_asks_once")]

    def __str__(self) -> str:
        return f"{self.user} to {self.project}"


class Label(models.Model):
    """A class. `shapes` are the kinds it may take; `attributes` are `projects.labels.Attribute` structs as JSON.

    A label is never deleted: `removed_at` hides it, and its old versions stay in the project's log.
    """

    role: int

    project = models.ForeignKey(Project, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)
    color = models.CharField(
        max_length=7,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write a colour as #rrggbb, like #3458e6.")],
    )
    hotkey = models.CharField(max_length=1, blank=True)
    shapes = models.JSONField(default=list)
    attributes = models.JSONField(default=list)
    guidelines = models.TextField(blank=True, validators=[MaxLengthValidator(10_000)])
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], condition=Q(removed_at=None), name="label_names_differ"
            ),
            models.UniqueConstraint(
                fields=["project", "hotkey"],
                condition=Q(removed_at=None) & ~Q(hotkey=""),
                name="label_hotkeys_differ",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Media(models.Model):
    """The bytes of an image as they came, kept once however often they are uploaded.

    `rendition` is the content type of an upright copy, made where a browser would show the original otherwise than we
    read it: rotated by EXIF, animated, or of a kind it does not know. Width and height are of the upright image.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    content_type = models.CharField(max_length=100)
    rendition = models.CharField(max_length=100, blank=True)
    has_thumbnail = models.BooleanField(default=False)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def path(self) -> str:
        return f"originals/{self.sha256[:2]}/{self.sha256}"

    @property
    def shown_path(self) -> str:
        return f"renditions/{self.sha256[:2]}/{self.sha256}" if self.rendition else self.path

    @property
    def shown_type(self) -> str:
        return self.rendition or self.content_type

    @property
    def thumbnail_path(self) -> str:
        return f"thumbnails/{self.sha256[:2]}/{self.sha256}.webp"


class ItemKind(models.TextChoices):
    IMAGE = "image"
    TEXT = "text"


class Item(models.Model):
    """One image or one text; immutable once imported. Width and height are of the upright image.

    A purged one stays in the trash as an empty row, for what counts on its id.
    """

    role: int

    project = models.ForeignKey(Project, models.CASCADE, related_name="items", db_index=False)
    kind = models.CharField(max_length=5, choices=ItemKind.choices)
    name = models.CharField(max_length=500)
    media = models.ForeignKey(Media, models.PROTECT, null=True, related_name="items")
    text = models.TextField(null=True)  # noqa: DJ001  (an image has none)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    trashed_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["project", "id"], name="items_of_project"),
            models.Index(fields=["project", "id"], condition=Q(trashed_at=None), name="items_that_are_there"),
            models.Index(
                fields=["project", "-trashed_at", "-id"],
                condition=Q(trashed_at__isnull=False, purged_at=None),
                name="items_in_the_trash",
            ),
            models.Index(fields=["project", "assignee"], condition=Q(assignee__isnull=False), name="items_of_assignee"),
            models.Index("project", Lower("name"), "id", name="items_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="image", media__isnull=False, text=None, width__gt=0, height__gt=0, purged_at=None)
                | Q(kind="text", media=None, text__isnull=False, width=None, height=None, purged_at=None)
                | Q(name="", media=None, text=None, width=None, trashed_at__isnull=False, purged_at__isnull=False),
                name="an_item_is_an_image_or_a_text_or_purged",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Example(models.Model):
    """A picture that the guidelines of a project show."""

    role: int
    held: int

    project = models.ForeignKey(Project, models.CASCADE, related_name="examples")
    media = models.ForeignKey(Media, models.PROTECT, related_name="examples")
    name = models.CharField(max_length=500)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


MOVE = "move"  # of items to another project: a kind of change, and a source of operations


class Change(models.Model):
    """The project's log: a label, item, member, setting or status after a change. Operations have their own log.

    A purge leaves an empty record. Projects and people are never deleted, so the database does not look whether they
    are there for each of thousands of statuses.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, related_name="changes", db_index=False, db_constraint=False)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    action = models.UUIDField(default=uuid.uuid4)
    kind = models.CharField(max_length=20)
    target = models.BigIntegerField()
    record = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["project", "kind", "target", "id"], name="changes_of_target")]
