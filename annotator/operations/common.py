"""What the sheets of one commit share: what is accepted on one of them holds for the others from then on."""

from datetime import datetime

from django.utils import timezone

from annotator.operations.loading import LabelNow, Standing, read_label


class Common:
    """`told` says whether others are told what was changed, and so the answers have it."""

    def __init__(self, standing: Standing, *, told: bool) -> None:
        self.told = told
        self.project, self.archived, self.roles = standing.project, standing.archived, standing.roles
        self.taken = {row.id for _, row in standing.rows} | set(standing.elsewhere)
        self.labels = {label.id: label for label in standing.labels}
        self.keys = {key: (body, actor) for key, body, actor in standing.keys}
        self.now: datetime = timezone.now()

    def label(self, pk: int) -> LabelNow:
        """One that an annotation has: an undo of this very commit may have brought it back."""
        if pk not in self.labels:
            self.labels[pk] = read_label(pk)
        return self.labels[pk]
