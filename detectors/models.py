"""Runs and what they proposed."""

from django.db import models
from django.db.models import Q

from projects.models import Item, Label, Project, User


class Source(models.TextChoices):
    IMPORT = "import"


class Run(models.Model):
    """A model's proposals for items of a project. One that was imported goes by the `digest` of its file.
    `size` is the number of its predictions: to count millions takes too long for a page. Those of one that is `shown`
    are suggested to who labels. Of one that was removed those predictions stay that somebody has decided about."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source.choices)
    digest = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    shown = models.BooleanField(default=True, db_default=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], condition=~Q(digest="") & Q(removed_at=None), name="a_file_is_one_run"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="a_run_is_of_one_of_the_sources"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(shown=False), name="what_is_removed_is_not_shown"),
        ]

    def __str__(self) -> str:
        return self.name


class Prediction(models.Model):
    """One labelled shape that a run proposed, and how sure it was. Its id is made of run, item, node and index, so that
    the same one has the same id every time."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="predictions")
    item = models.ForeignKey(Item, models.CASCADE, related_name="predictions", db_index=False)
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_index=False)
    shape = models.JSONField()
    score = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["item", "run"], name="predictions_of_items")]
