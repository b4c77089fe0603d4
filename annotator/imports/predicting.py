"""Hands what models proposed to its keeper: a file is a run. Nothing of it becomes an annotation."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice

from django.utils.translation import gettext

from annotator import proposals
from annotator.formats.files import Folder
from annotator.formats.found import Predicted, Problem
from annotator.imports.fitting import fitted
from annotator.imports.gathering import Gathering, LabelSeen
from annotator.imports.places import any_kind
from annotator.models import Import
from annotator.proposals import Proposal
from projects.errors import Refusal
from projects.models import Item
from projects.names import cleaned

AT_ONCE = 50  # as many texts may be read
OFTEN = 10_000  # until one is asked again whether to go on


class Predicting:
    def __init__(
        self,
        row: Import,
        folder: Folder,
        gathering: Gathering,
        dropped: Mapping[str, int],
        step: Callable[[int], None],
    ) -> None:
        """`dropped` has the items that became of dropped images; `step` is told how many have been looked at."""
        self.row, self.folder, self.gathering = row, folder, gathering
        self.dropped, self.step = dropped, step
        self.labels: Mapping[str, int] = {}

    def wanted(self) -> list[LabelSeen]:
        """Labels that predictions alone have, of an item at least that is known."""
        waiting = {name: seen for name, seen in self.gathering.labels.items() if seen.proposed}
        found: list[LabelSeen] = []
        names = self.names() if waiting else {}
        items = set(chain.from_iterable(names.values()))
        everything = chain.from_iterable(some for _, some in self.gathering.predictions())
        for n, one in enumerate(everything if waiting else ()):
            if n % OFTEN == 0:
                self.step(0)
            if one.label in waiting and self.item(one, names) in items:
                found.append(waiting.pop(str(one.label)))
            if not waiting:
                break
        return found

    def keep(self, labels: Mapping[str, int]) -> Iterator[tuple[int, int]]:
        """Of each file, how many are new, and how many were there already."""
        self.labels = labels
        ids = set(self.row.project.labels.filter(removed_at=None).values_list("pk", flat=True))
        names = self.names()
        for path, found in self.gathering.predictions():
            fitting = self.fitting(found, names, ids)
            name = path.rpartition("/")[2][-200:]
            user, project = self.row.created_by, self.row.project
            yield proposals.keeper.keep(
                user, project, name=name, digest=self.folder.files[path].sha256, proposals=fitting
            )

    def names(self) -> dict[str, list[int]]:
        """The project's items by their names, with and without the ending."""
        found: dict[str, list[int]] = defaultdict(list)
        if self.gathering.predicted:
            items = self.row.project.items.filter(trashed_at=None).order_by("pk")
            for name, pk in items.values_list("name", "pk").iterator():
                found[name].append(pk)
                found[any_kind(name.rpartition("/")[2] or name)].append(pk)
        return found

    def fitting(
        self, found: Iterator[Predicted], names: Mapping[str, list[int]], labels: set[int]
    ) -> Iterator[Proposal]:
        there = self.row.project.items.filter(trashed_at=None).defer("text")
        count: Counter[int | None] = Counter()  # what does not fit counts, too: it may the next time
        while some := list(islice(found, AT_ONCE)):
            meant = [self.item(one, names) for one in some]
            items = there.in_bulk({pk for pk in meant if pk is not None})
            for one, pk in zip(some, meant, strict=True):
                count[pk] += 1
                proposal = self.proposal(one, items.get(pk or 0), labels, count[pk])
                if isinstance(proposal, Proposal):
                    yield proposal
                else:
                    self.gathering.problem(Problem(one.file, one.place, proposal))
            self.step(len(some))

    def item(self, one: Predicted, names: Mapping[str, list[int]]) -> int | None:
        if isinstance(one.item, int):
            return one.item
        path = self.gathering.places.find(one.item, one.file)
        if path is not None and path in self.dropped:
            return self.dropped[path]
        alike = names.get(one.item) or names.get(one.item.replace("\\", "/").rpartition("/")[2]) or []
        return alike[0] if len(alike) == 1 else None

    def proposal(self, one: Predicted, item: Item | None, labels: set[int], number: int) -> Proposal | str:
        """What is kept, or a sentence that says why it is not."""
        label = self.labels.get(cleaned(one.label)) if isinstance(one.label, str) else one.label
        if item is None:
            detail = gettext("Which item is meant by “%s” is not known. Drop the images, or their COCO file, as well.")
            return detail % one.item
        if label is None or label not in labels:
            return gettext("The project has no label “%s”. Add it, then bring the file again.") % one.label
        if not math.isfinite(one.score):
            return gettext("Its score is no number. Mend it, then bring the file again.")
        shape, _ = fitted(one.shape, item, relative=False)
        try:
            shape.check(item)
        except Refusal as refusal:
            return str(refusal.detail)
        return Proposal(item.pk, label, shape, one.score, number)
