"""Sheets, annotations and the log of operations."""

from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from projects.models import Item, JoinRequest, Label, Project, User


class Status(models.TextChoices):
    TODO = "todo", "To do"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"
    RETURNED = "returned", "Sent back"
    ACCEPTED = "accepted", "Accepted"


FINISHED = (Status.DONE, Status.SKIPPED, Status.ACCEPTED)


class Sheet(models.Model):
    """The annotations of one item: shared, or one a person in a blind project.

    `unsure` says that whoever labels it wants another to look. `clock` counts operations; changes at or below `floor`
    can no longer be told one by one. `finished_by` has said last that it is done or skipped, or else accepted it: None
    where an import has; it stays when the sheet is sent back. `worked` is how long people were at it in the editor, the
    last time at `worked_at`: from one operation to the next, without breaks of more than two minutes.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="sheets", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    clock = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.TODO)
    reason = models.CharField(max_length=500, blank=True)
    unsure = models.BooleanField(default=False)
    finished_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    finished_at = models.DateTimeField(null=True)
    worked = models.DurationField(default=timedelta, db_default=timedelta())
    worked_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "person"], nulls_distinct=False, name="one_sheet_an_item_and_person"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="a_status_is_one_of_the_statuses"),
        ]
        indexes = [models.Index(fields=["item"], condition=Q(status=Status.RETURNED), name="sheets_sent_back")]


class Lease(models.Model):
    """Who was handed a sheet as what to do next, and until when it is handed to nobody else."""

    sheet = models.OneToOneField(Sheet, models.CASCADE, primary_key=True, related_name="lease")
    person = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    until = models.DateTimeField()


class Priority(models.Model):
    """How much it helps to label an item next, where a project has said so: the more, the sooner it is handed out."""

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="priority")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    value = models.FloatField()


class LabelJob(models.Model):
    """What a label's change brings about. Once `done`, what people take back of it stays taken back; whoever finds more
    to do raises `asked`, so that a round that is under way does not end it."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    action = models.UUIDField(default=uuid4)
    done = models.BooleanField(default=False)
    asked = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Replacement(LabelJob):
    """What becomes of a removed label's annotations: they get another one, or (None) are deleted."""

    label = models.OneToOneField(Label, models.CASCADE, primary_key=True, related_name="replacement")
    into = models.ForeignKey(Label, models.CASCADE, null=True, related_name="+", db_index=False)


class Fitting(LabelJob):
    """The values of a label's annotations come along when its attributes change: `before` is what those were."""

    label = models.ForeignKey(Label, models.CASCADE, related_name="fittings")
    before = models.JSONField()


class Annotation(models.Model):
    """One labelled shape as it stands. A deleted one stays as a tombstone.

    `stamps` keeps, for every property ("shape", "label", "attributes.<id>"), the clock and the actor of its last
    write: {"shape": [12, 3]}. One that was `imported` came from a file; `created_by` is then who brought it. One
    that was made of a `prediction` keeps that; a prediction that was `rejected` stands here, too, as deleted.
    The database does not check its sheet, label and people anew: they were read under the sheet's lock and are never
    deleted, and such checks took a third of a commit's time.
    """

    id = models.UUIDField(primary_key=True)
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="annotations", db_index=False, db_constraint=False)
    label = models.ForeignKey(Label, models.PROTECT, related_name="annotations", db_index=False, db_constraint=False)
    shape = models.JSONField()
    attributes = models.JSONField(default=dict)
    v = models.PositiveSmallIntegerField(default=1)
    clock = models.BigIntegerField()
    stamps = models.JSONField()
    deleted = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    updated_at = models.DateTimeField()
    imported = models.BooleanField(default=False, db_default=False)
    prediction = models.UUIDField(null=True)
    rejected = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rejected=False) | Q(deleted=True, prediction__isnull=False),
                name="what_is_rejected_is_a_prediction_and_deleted",
            ),
        ]
        indexes = [
            models.Index(fields=["sheet", "clock"], name="annotations_since"),
            models.Index(
                fields=["prediction", "sheet"], condition=Q(prediction__isnull=False), name="annotations_of_predictions"
            ),
            models.Index(
                fields=["label", "sheet", "created_by", "imported"],
                condition=Q(deleted=False),
                name="annotations_that_fit",
            ),
        ]


class Operation(models.Model):
    """One change to one annotation. `record` is the annotation's whole row after it; `properties` are those it wrote.

    `key` is the client's idempotency key; `body` is the hash of what came with it. `inverts` names the action that an
    undo or redo took back. What it refers to is written with it or was read under the sheet's lock, and is never
    deleted, so the database does not check it anew.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, related_name="operations", db_index=False, db_constraint=False)
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="operations", db_index=False, db_constraint=False)
    annotation = models.ForeignKey(
        Annotation, models.CASCADE, related_name="operations", db_index=False, db_constraint=False
    )
    clock = models.BigIntegerField()
    kind = models.CharField(max_length=7)
    key = models.UUIDField()
    body = models.BinaryField(max_length=16)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    action = models.UUIDField()
    source = models.CharField(max_length=10)
    inverts = models.UUIDField(null=True)
    properties = models.JSONField()
    record = models.JSONField()
    label_version = models.PositiveIntegerField()
    v = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="operation_keys_differ"),
            models.UniqueConstraint(fields=["sheet", "clock"], name="operations_have_clocks"),
        ]
        indexes = [
            models.Index(fields=["annotation", "clock"], name="operations_of_annotation"),
            models.Index(fields=["sheet", "actor", "clock"], condition=~Q(source="import"), name="operations_of_actor"),
        ]


class Comment(models.Model):
    """What somebody says about a sheet, one annotation of it or a place: a point of the image or a range of the text.

    `thread` is the first comment of the thread.
    The first one of a thread tells for all of it what it is about and whether it is resolved. A deleted comment stays
    as a row without a text.
    """

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="comments")
    annotation = models.ForeignKey(Annotation, models.CASCADE, null=True, related_name="+", db_index=False)
    place = models.JSONField(null=True)
    thread = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "key"], name="a_comment_is_sent_once")]


class NoticeKind(models.TextChoices):
    MENTION = "mention"
    ANSWER = "answer"
    ASKS = "asks", "Asks to join"
    LET_IN = "let_in", "Let in"
    DECLINED = "declined", "Not let in"
    ASSIGNED = "assigned"
    RETURNED = "returned", "Sent back"


class Work(models.Model):
    """Items that someone has assigned, or sent back for a reason, by one action."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    action = models.UUIDField()
    reason = models.CharField(max_length=500, blank=True)
    items = models.ManyToManyField(Item, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "by", "action"], name="work_is_given_once")]


class Notice(models.Model):
    """Someone is told of a comment; of work; or that somebody asks to join, or of the answer to what they asked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notices")
    asked = models.ForeignKey(JoinRequest, models.CASCADE, null=True, related_name="notices")
    work = models.ForeignKey(Work, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=NoticeKind.choices)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "comment"], name="one_is_told_once"),
            models.UniqueConstraint(fields=["user", "asked"], name="one_is_told_once_of_who_asks"),
            models.UniqueConstraint(fields=["user", "work"], name="one_is_told_once_of_work"),
            models.CheckConstraint(
                condition=Q(comment__isnull=False, asked=None, work=None)
                | Q(comment=None, asked__isnull=False, work=None)
                | Q(comment=None, asked=None, work__isnull=False),
                name="a_notice_is_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(read_at=None), name="notices_that_are_unread")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user}"

    @property
    def request(self) -> JoinRequest:
        """What was asked, where it is of nothing else."""
        return cast(JoinRequest, self.asked)

    @property
    def by(self) -> User:
        """Who has spoken, given work, asked or answered."""
        if self.work:
            return self.work.by
        return self.comment.author if self.comment else self.request.answered_by or self.request.user

    @property
    def project(self) -> Project:
        if self.work:
            return self.work.project
        return self.comment.sheet.item.project if self.comment else self.request.project

    @property
    def at(self) -> datetime:
        if self.work:
            return self.work.at
        return self.comment.created_at if self.comment else self.request.answered_at or self.request.created_at


class CommentRead(models.Model):
    """Up to which comment of a sheet a person has read."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="+")
    comment = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sheet"], name="one_reads_a_sheet_once")]


class SavedFilter(models.Model):
    """What someone has asked of the grid, under a name."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="filters")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "owner", "name"], name="names_of_filters_differ")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """An exact state of a project: all operations and changes up to these ids."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="versions")
    operation_id = models.BigIntegerField()
    change_id = models.BigIntegerField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)


class ImportState(models.TextChoices):
    UPLOADING = "uploading", "Uploading"
    LOOKING = "looking", "Looking at the files"
    READY = "ready", "Ready"
    RUNNING = "running", "Importing"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class Import(models.Model):
    """Files that someone brings into a project: first looked at, then, when they say so, imported by a worker.

    `choices` says of each table which column is what. `preview` and `report` are annotator.imports.telling's.
    `attempts` counts how often a worker has begun with what it is at; `changed_at` is when it came to its state.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="imports")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADING)
    detail = models.CharField(max_length=500, blank=True)
    choices = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="an_import_is_in_one_of_the_states")
        ]

    @property
    def reading(self) -> str:
        """Where what was read for the preview is kept, in storage."""
        return f"imports/{self.pk}/reading"


class ImportFile(models.Model):
    """A file of an import: its path in what was dropped, and where it waits in storage."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    size = models.BigIntegerField()
    place = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.path
