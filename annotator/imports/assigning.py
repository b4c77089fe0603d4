"""Whose items are, as files tell by name: members' of the project, where nobody has decided it yet."""

from collections import Counter
from collections.abc import Sequence
from uuid import uuid4

from annotator.imports.drawing import Canvas
from annotator.imports.gathering import Gathering
from annotator.models import Import
from projects.models import Change, Item, Role
from projects.services import assigning


class Assigning:
    def __init__(self, row: Import, gathering: Gathering) -> None:
        self.user, self.project = row.created_by, row.project
        self.gathering = gathering
        self.members: dict[str, int] = {}
        self.made = 0
        self.action = uuid4()
        if gathering.assignees:
            members = self.project.memberships.filter(role__gte=Role.ANNOTATOR).select_related("user")
            names = Counter(str(one.user) for one in members)
            self.members = {str(one.user): one.user_id for one in members if names[str(one.user)] == 1}

    def give(self, items: Sequence[tuple[Canvas | Item, str]]) -> None:
        told = {item.pk: name for item, target in items if (name := self.gathering.assignees.get(target))}
        wanted = {pk: self.members[name] for pk, name in told.items() if name in self.members}
        if lost := len(told) - len(wanted):
            self.gathering.lost["assignees"] += lost
        decided = Change.objects.filter(project=self.project, kind=assigning.KIND, target__in=wanted)
        for pk in set(decided.values_list("target", flat=True)):
            del wanted[pk]
        if wanted:
            self.made += len(assigning.assign_free(self.user, self.project.pk, wanted, action=self.action))
