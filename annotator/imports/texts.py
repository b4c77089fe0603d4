"""Texts among those that the project has: known by name and text. One that its file does not name is known by what it
says; of several that are alike the second is the second that stands there."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from annotator.formats.found import TextFound
from annotator.imports.drawing import Canvas
from annotator.imports.gathering import Gathering, says
from annotator.imports.spacing import Spacing
from projects.models import Item, Project
from projects.services import items, known


class Sought(NamedTuple):
    """`nth`: of those that say the same and have no name. `loose`: its text, where its format keeps no white space."""

    target: str
    name: str
    digest: str
    says: known.Says
    nth: int
    loose: str

    @property
    def key(self) -> tuple[str, str, int]:
        """Those that become one item have one."""
        return self.name, self.digest, self.nth


def sought(target: str, one: TextFound) -> Sought:
    loose = one.text if one.known_by == "words" else ""
    return Sought(target, items.clean_name(one.name), known.digest(one.text), says(one), one.nth, loose)


class Texts:
    def __init__(self, project: Project, gathering: Gathering) -> None:
        self.project, self.gathering = project, gathering

    @cached_property
    def alike(self) -> dict[known.Says, list[int]]:
        """Looked for once: what is made meanwhile comes after them."""
        return known.alike(self.project, self.gathering.nameless())

    def there(self, texts: Iterable[Sought]) -> dict[str, Canvas]:
        """Those that the project has, by their targets."""
        named: list[Sought] = []
        nameless: list[Sought] = []
        for one in texts:
            (nameless if one.nth else named).append(one)
        found = known.texts(self.project, {one.name for one in named}, {one.digest for one in named}) if named else {}
        there = {one.target: Canvas(pk, None, None) for one in named if (pk := found.get((one.name, one.digest)))}
        return there | dict(self.nameless(nameless))

    def nameless(self, texts: Sequence[Sought]) -> Iterator[tuple[str, Canvas]]:
        found = [(one, those[one.nth - 1]) for one in texts if len(those := self.alike.get(one.says, ())) >= one.nth]
        loose = Item.objects.filter(pk__in=[pk for one, pk in found if one.loose])
        spaced = dict(loose.values_list("pk", "text")) if any(one.loose for one, _ in found) else {}
        for one, pk in found:
            there = spaced.get(pk) or one.loose
            yield one.target, Canvas(pk, None, None, spacing=Spacing(one.loose, there) if there != one.loose else None)
