"""How much of an import the project has already, for its preview: known by what `importing` knows it by. Files are read
only where there is an item of their name."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice, starmap

from annotator.formats.files import Folder
from annotator.formats.found import TextFound, Unreadable
from annotator.imports.copies import why_not
from annotator.imports.drawing import Canvas, Drawing
from annotator.imports.gathering import Gathering
from annotator.imports.labelling import Plan, Ready
from annotator.imports.texts import Sought, Texts, sought
from annotator.models import Import
from projects.models import ItemKind, Label
from projects.services import items, known

AT_ONCE = 500

Found = tuple[Canvas, str]  # an item, and the target of what was found for it


class There:
    def __init__(self, row: Import, folder: Folder, gathering: Gathering, go_on: Callable[[], None]) -> None:
        self.folder, self.gathering, self.go_on = folder, gathering, go_on
        self.project = row.project
        self.labels = row.project.labels
        self.drawing = Drawing(row, gathering)
        self.count: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()  # the annotations among them, by the label that the file says
        self.comes = True  # something that is not there
        self.refused: dict[str, str] = {}  # images, and why
        self.images = self.named = 0  # images that were dropped, and those that are meant by their names
        self.astray = 0  # annotations of images that are not there

    def all(
        self, images: Mapping[str, str], texts: Sequence[str], named: Iterable[Found], plans: Iterable[Plan]
    ) -> Counter[str]:
        """Of images by their paths with their names, texts by their paths, and what is drawn on them and on others."""
        plans, named = list(plans), list(named)
        existing = self.labels.in_bulk([plan.existing for plan in plans if plan.existing])
        self.drawing.labels = {
            plan.name: Ready(existing.get(plan.existing or 0) or Label(pk=-n)) for n, plan in enumerate(plans, 1)
        }
        self.refused = {path: why for path in images if (why := why_not(self.folder.files[path]))}
        images = {path: name for path, name in images.items() if path not in self.refused}
        self.images, self.named = len(images), len(named)
        found = chain(self.of_images(images), self.of_texts(texts), named)
        while some := list(islice(found, AT_ONCE)):
            self.go_on()
            self.drawn += self.drawing.already(some)
        self.count["annotations"] = self.drawn.total()
        nowhere = self.gathering.named.keys() - {target for _, target in named}
        self.astray = self.gathering.drawn_on([*nowhere, *(f"file {path}" for path in self.refused)])
        total = len(images) + len(texts) + self.gathering.texts + self.gathering.drawn - self.astray
        self.comes = self.gathering.predicted > 0 or total > self.count.total()
        return +self.count

    def spare(self, plans: Iterable[Plan]) -> dict[str, Ready]:
        """New labels that nothing needs: all that has them stands there, by whatever name they go by now. What nothing
        has comes along with what else comes in. Nothing new can be made with them."""
        if self.gathering.predicted:
            return {}
        new = [plan for plan in plans if plan.is_new]
        spare = [plan.name for plan in new if (self.drawn[plan.name] >= plan.count if plan.count else not self.comes)]
        return {name: self.drawing.labels[name] for name in spare}

    def of_images(self, names: Mapping[str, str]) -> Iterator[Found]:
        there = self.project.items.filter(trashed_at=None, kind=ItemKind.IMAGE).exists()
        paths = iter(names.items() if there else ())
        while some := dict(islice(paths, AT_ONCE)):
            some = {path: items.clean_name(self.gathering.names.get(f"file {path}", some[path])) for path in some}
            alike: dict[tuple[str, int], dict[str, Canvas]] = defaultdict(dict)
            rows = known.named(self.project, ItemKind.IMAGE, set(some.values()))
            wanted = ("name", "media__size", "media", "pk", "width", "height")
            for name, size, media, pk, width, height in rows.values_list(*wanted):
                alike[name, size][media] = Canvas(pk, width, height)
            for path, name in some.items():
                found = alike.get((name, self.folder.files[path].size))
                if found and (item := found.get(self.digest(path))):
                    self.count["images"] += 1
                    yield item, f"file {path}"

    def of_texts(self, paths: Sequence[str]) -> Iterator[Found]:
        there = self.project.items.filter(trashed_at=None, kind=ItemKind.TEXT).exists()
        texts = chain(self.plain(paths), starmap(sought, self.gathering.text_items())) if there else iter(())
        among = Texts(self.project, self.gathering)
        while some := list(islice(texts, AT_ONCE)):
            for target, item in among.there(some).items():
                self.count["texts"] += 1
                yield item, target

    def plain(self, paths: Sequence[str]) -> Iterator[Sought]:
        """Texts that are files by themselves."""
        for at in range(0, len(paths), AT_ONCE):
            some = {path: items.clean_name(self.folder.files[path].name) for path in paths[at : at + AT_ONCE]}
            found = known.named(self.project, ItemKind.TEXT, set(some.values()))
            taken = set(found.values_list("name", flat=True))
            for path, name in some.items():
                file = self.folder.files[path]
                if name in taken and file.size <= 4 * items.MAX_CHARACTERS + 3:
                    with suppress(Unreadable):
                        yield sought(f"file {path}", TextFound(path, "", path, name, "".join(file.pieces())))

    def digest(self, path: str) -> str:
        with suppress(Unreadable):
            return self.folder.files[path].sha256
        return ""
