"""The job itself, in a worker: looks at the files, or brings in what they hold, a little at a time.

The same import twice changes nothing: items are known by name and content, texts that no file names by content alone,
annotations by ids of what files say.
"""

import errno
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from posixpath import commonpath
from time import monotonic
from typing import Any

import msgspec
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import Http404
from django.utils.translation import gettext

from annotator.formats.files import Folder
from annotator.formats.found import Problem, TextFound, Unreadable
from annotator.imports import jobs, labelling, remembering, telling
from annotator.imports.archive import gathered as folder_of
from annotator.imports.assigning import Assigning
from annotator.imports.copies import Copy, why_not
from annotator.imports.drawing import Canvas, Drawing
from annotator.imports.gathering import Gathering, LabelSeen
from annotator.imports.labelling import Ready
from annotator.imports.memory import rarely_searched
from annotator.imports.pieces import by_length, in_pieces
from annotator.imports.places import any_kind
from annotator.imports.predicting import Predicting
from annotator.imports.recognising import Recognised, choose, gathered, recognise
from annotator.imports.texts import Sought, Texts, sought
from annotator.imports.there import There
from annotator.imports.turns import turn
from annotator.models import Import, ImportState
from projects.access import get_project
from projects.errors import Invalid
from projects.media import is_stored
from projects.models import Item, Media, Role
from projects.names import cleaned
from projects.services import items, known

IMAGES_AT_ONCE = 25
ATTEMPTS = 3
ASKED_EVERY = 1  # seconds
LONGEST = 2 * 60 * 60  # seconds until it has come on


class Cancelled(Exception):
    """Someone has ended the import."""


class TooOften(Exception):
    """Workers have died of it."""


class TooLong(Exception):
    """It has not come on for hours."""


class Watch:
    """Asked again and again while a worker is at an import: whether it shall go on."""

    def __init__(self, row: Import) -> None:
        self.row = row
        self.asked = -math.inf
        self.came_on = monotonic()

    def __call__(self) -> None:
        now = monotonic()
        if now < self.asked + ASKED_EVERY:
            return
        self.asked = now
        if now > self.came_on + LONGEST:
            raise TooLong
        if not Import.objects.filter(pk=self.row.pk, state=self.row.state, choices=self.row.choices).exists():
            raise Cancelled


def look(pk: int) -> None:
    """Make the preview. May begin again after it was broken off."""
    with suppress(Cancelled):
        work(pk, ImportState.LOOKING, preview)


def preview(row: Import, folder: Folder, watch: Watch) -> None:
    found = recognise(folder)
    choose(folder, found, row.choices)
    gathering = gathered(folder, found, watch)
    remembering.keep(row, found, gathering, watch)
    plans, problems = labelling.plan(row.project, gathering.labels.values())
    named = missing(row, gathering)
    for problem in problems:
        gathering.problem(problem)
    there = There(row, folder, gathering, watch)
    counts = there.all(distinct(found.images), found.texts, named, plans)
    spare = there.spare(plans)
    plans = [plan for plan in plans if plan.name not in spare]
    for path, why in there.refused.items():
        gathering.problem(Problem(path, "", why))
    told = telling.preview(found, gathering, plans, counts, there)
    told.near = labelling.near(row.project, plans)
    row.preview = msgspec.to_builtins(told)
    gathering.close()
    looking = Import.objects.filter(pk=row.pk, state=ImportState.LOOKING, choices=row.choices)
    if not looking.update(state=ImportState.READY, preview=row.preview, changed_at=Now()):
        raise Cancelled


def run(pk: int) -> None:
    """Bring in what was previewed. May run again after it was broken off: what is in already stays as it is."""
    work(pk, ImportState.RUNNING, bring_in)


def bring_in(row: Import, folder: Folder, watch: Watch) -> None:
    state = ImportState.CANCELLED
    values: dict[str, Any] = {"preview": {}}  # it may quote texts, which would outlive them
    with suppress(Cancelled), tempfile.TemporaryDirectory() as own:
        found = recognise(folder)
        choose(folder, found, row.choices)
        gathering = remembering.remembered(row, found, Path(own)) or gathered(folder, found, watch)
        job = Job(row, folder, found, gathering, watch)
        with suppress(Cancelled):
            job.all()
            state = ImportState.DONE
        values |= {"report": msgspec.to_builtins(job.report()), "done": job.done}
        gathering.close()
    Import.objects.filter(pk=row.pk).update(state=state, changed_at=Now(), **values)
    jobs.clear(row)


def work(pk: int, state: ImportState, job: Callable[[Import, Folder, Watch], None]) -> None:
    """Do it, if it is still to be done and it is its turn."""
    with turn(pk, state) as row:
        if row:
            with failing(row):
                if row.attempts >= ATTEMPTS:
                    raise TooOften
                Import.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
                with rarely_searched(), folder_of(list(jobs.uploads(row))) as folder:
                    watch = Watch(row)
                    folder.watch(watch)
                    job(row, folder, watch)


@contextmanager
def failing(row: Import) -> Iterator[None]:
    """An error ends the import, and its page says so. One that is nobody's fault but ours is in the log too."""
    try:
        yield
    except (Http404, PermissionDenied):
        fail(row, gettext("You may no longer import into this project."))
    except Cancelled:
        clear_cancelled(row)
        raise
    except TooOften:
        fail(row, gettext("The server has broken off at these files several times. Split them, or leave some out."))
    except (SoftTimeLimitExceeded, TooLong):
        fail(row, gettext("The files take too long. Split them."))
    except MemoryError:
        fail(row, gettext("The files take more memory than the server gives to an import. Split them."))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            if fail(row, gettext("The files could not be read. Try again.")):
                raise
            clear_cancelled(row)  # they are gone
            return
        fail(row, gettext("The server's disk is full. Ask whoever runs it to make room, then try again."))
    except Exception:
        default_storage.delete(row.reading)  # it may be damaged
        fail(row, gettext("Something went wrong on the server. Try again; if it stays, tell whoever runs it."))
        raise


def clear_cancelled(row: Import) -> None:
    """Of what was written since."""
    if not Import.objects.filter(pk=row.pk).exclude(state__in=jobs.ENDED).exists():
        jobs.clear(row)


def fail(row: Import, detail: str) -> bool:
    """Unless it is over, or was said to go on otherwise. Of what could not be looked at once more, what was seen before
    holds no longer."""
    rows = Import.objects.filter(pk=row.pk, state=row.state, choices=row.choices)
    values: dict[str, Any] = {"preview": {}} if row.state == ImportState.LOOKING else {}
    return bool(rows.update(state=ImportState.FAILED, detail=detail, changed_at=Now(), **values))


def missing(row: Import, gathering: Gathering) -> list[tuple[Canvas, str]]:
    """Items that the project has of the images that were not dropped; the others are told as problems."""
    if not gathering.named:
        return []
    by_name: dict[str, list[Canvas]] = defaultdict(list)
    images = row.project.items.filter(trashed_at=None, kind="image").order_by("pk")
    for name, pk, width, height in images.values_list("name", "pk", "width", "height").iterator():
        item = Canvas(pk, width, height)
        by_name[name].append(item)
        by_name[any_kind(name.rpartition("/")[2] or name)].append(item)
    found: list[tuple[Canvas, str]] = []
    nowhere: dict[str, list[str]] = defaultdict(list)  # by the file that speaks of them
    for target, file in gathering.named.items():
        name = target.removeprefix("name ")
        match by_name.get(name, []):
            case [item]:
                found.append((item, target))
            case []:
                nowhere[file].append(name)
            case _:
                detail = gettext("The project has several images called “%s”. Drop the one that is meant as well.")
                gathering.problem(Problem(file, "", detail % name))
    for file, names in nowhere.items():
        gathering.problem(Problem(file, "", telling.nowhere(names)))
    return found


class Job:
    def __init__(self, row: Import, folder: Folder, found: Recognised, gathering: Gathering, watch: Watch) -> None:
        self.watch = watch
        self.row, self.user, self.project = row, row.created_by, row.project
        self.folder, self.found, self.gathering = folder, found, gathering
        self.made: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        self.done = 0
        self.names = distinct(found.images)
        self.drawing = Drawing(row, gathering)
        self.assigning = Assigning(row, gathering)
        self.known = Texts(row.project, gathering)
        self.dropped: dict[str, int] = {}  # images by their paths, where predictions may be of them

    def all(self) -> None:
        get_project(self.user, self.project.pk, Role.MANAGER)
        named = missing(self.row, self.gathering)
        total = len(self.found.images) + len(self.found.texts) + self.gathering.texts + len(named)
        total += self.gathering.predicted
        if not total:
            return
        Import.objects.filter(pk=self.row.pk).update(total=total)
        seen = [one for one in self.gathering.labels.values() if not one.proposed]
        spare = self.spare(seen, named)
        self.drawing.labels = spare | self.make_labels(one for one in seen if cleaned(one.name) not in spare)
        self.describe()
        for paths in in_pieces(self.found.images, IMAGES_AT_ONCE):
            found = self.images(paths)
            if self.gathering.predicted:
                self.dropped |= {target.removeprefix("file "): item.pk for item, target in found}
            self.draw(found, of=len(paths))
        self.draw(named, of=len(named))
        for texts in by_length(self.texts()):
            self.draw(self.add_texts(texts), of=len(texts))
        self.keep_predictions()

    def keep_predictions(self) -> None:
        """Under the labels' ids, and after the images that they are of."""
        if not self.gathering.predicted:
            return
        predicting = Predicting(self.row, self.folder, self.gathering, self.dropped, self.step)
        labels = {**self.drawing.labels, **self.make_labels(predicting.wanted())}
        for made, there in predicting.keep({name: label.pk for name, label in labels.items()}):
            self.made["predictions"] += made
            self.there["predictions"] += there

    def spare(self, seen: Sequence[LabelSeen], named: Sequence[tuple[Canvas, str]]) -> dict[str, Ready]:
        """Labels that are not made, as they would be empty."""
        plans, _ = labelling.plan(self.project, seen)
        if not any(plan.is_new for plan in plans):
            return {}
        there = There(self.row, self.folder, self.gathering, self.watch)
        there.all(self.names, self.found.texts, named, plans)
        return there.spare(plans)

    @transaction.atomic
    def make_labels(self, seen: Iterable[LabelSeen]) -> dict[str, Ready]:
        """Under the project's lock: nobody changes or removes a label meanwhile."""
        get_project(self.user, self.project.pk, Role.MANAGER, lock=True)
        plans, problems = labelling.plan(self.project, seen)
        for problem in problems:
            self.gathering.problem(problem)
        if new := sum(plan.is_new for plan in plans):
            self.made["labels"] += new
        return labelling.make(self.user, self.project, plans)

    def describe(self) -> None:
        if labelling.describe(self.user, self.project.pk, self.gathering.guidelines):
            self.made["guidelines"] = 1

    def step(self, n: int) -> None:
        """Whoever has come further than those before did not die of these files."""
        self.done += n
        further = self.done > self.row.done
        if n:
            self.watch.came_on = monotonic()
        running = Import.objects.filter(pk=self.row.pk, state=ImportState.RUNNING)
        if not running.update(done=self.done, **({"attempts": 1} if further else {})):
            raise Cancelled

    def report(self) -> telling.Report:
        self.gathering.lost.update(self.drawing.lost)
        made, there = self.made + self.drawing.made, self.there + self.drawing.there
        return telling.report(made, there, self.found, self.gathering)

    def draw(self, items: Sequence[tuple[Canvas | Item, str]], *, of: int) -> None:
        """What was found for these items' targets. They are what became of so many files or texts."""
        self.step(of - len(items))
        self.assigning.give(items)
        self.made["assignments"] = self.assigning.made
        with closing(self.drawing.put(items)) as commits:
            for done in commits:
                self.step(done)

    # Images -----------------------------------------------------------------------------------------------------------

    def images(self, paths: Sequence[str]) -> list[tuple[Item, str]]:
        """Each once by name and content; two of one name go one after the other, so that each is known by its name."""
        added: list[tuple[Item, str]] = []
        with tempfile.TemporaryDirectory() as folder:
            copies = [copy for n, path in enumerate(paths) if (copy := self.copied(path, Path(folder) / str(n)))]
            while copies:
                now: dict[str, Copy] = {}
                later = [copy for copy in copies if now.setdefault(copy.name, copy) is not copy]
                added += self.add_images(now)
                copies = later
        return added

    def copied(self, path: str, place: Path) -> Copy | None:
        file = self.folder.files[path]
        if why := why_not(file):
            self.gathering.problem(Problem(path, "", why))
            return None
        try:
            return Copy(path, self.gathering.names.get(f"file {path}", self.names[path]), file, place)
        except Unreadable as error:
            self.gathering.problem(Problem(path, "", error.detail))
            return None

    def add_images(self, copies: dict[str, Copy]) -> list[tuple[Item, str]]:
        old = known.images(self.project, copies)
        found = {name: item for name, copy in copies.items() if (item := old.get((name, copy.sha256)))}
        self.there["images"] += len(found)
        new = [copy for name, copy in copies.items() if name not in found or not is_stored(Media(pk=copy.sha256))]
        if new:
            upload = items.add_files(self.user, self.project.pk, [copy.upload() for copy in new])
            found |= {item.name: item for item in upload.created}
            self.made["images"] += len(upload.created)
            for refused in upload.refused:
                self.gathering.problem(Problem(copies[refused.name].path, "", refused.detail))
            for item in upload.created:
                if note := upload.notes.get(item.pk):
                    self.gathering.problem(Problem(copies[item.name].path, "", note))
        return [(item, f"file {copies[name].path}") for name, item in found.items()]

    # Texts ------------------------------------------------------------------------------------------------------------

    def texts(self) -> Iterator[tuple[str, TextFound]]:
        for path in self.found.texts:
            file = self.folder.files[path]
            try:
                if file.size > 4 * items.MAX_CHARACTERS + 3:
                    raise Unreadable(str(items.too_long().detail))
                yield f"file {path}", TextFound(path, "", path, file.name, "".join(file.pieces()))
            except Unreadable as error:
                self.gathering.problem(Problem(path, "", error.detail))
        yield from self.gathering.text_items()

    def add_texts(self, texts: Sequence[tuple[str, TextFound]]) -> list[tuple[Canvas, str]]:
        """Each once by name and text, or as often as it comes without a name. Those that are there are known by a
        digest: there may be many of one name."""
        good: list[tuple[Sought, str]] = []
        for target, one in texts:
            try:
                good.append((sought(target, one), items.check_text(one.text)))
            except Invalid as refusal:
                self.gathering.problem(Problem(one.file, one.place, str(refusal.detail)))
        found = self.known.there(one for one, _ in good)
        self.there["texts"] += len({one.key for one, _ in good if one.target in found})
        new = {one.key: (one.name, text) for one, text in good if one.target not in found}
        created = items.add_texts(self.user, self.project.pk, new.values())
        self.made["texts"] += len(created)
        made = {key: Canvas(item.pk, None, None) for key, item in zip(new, created, strict=True)}
        return [(found.get(one.target) or made[one.key], one.target) for one, _ in good]


def distinct(paths: Sequence[str]) -> dict[str, str]:
    """Names for items: a file's own; where several files have it, with the folders by which they differ."""
    names = {path: PurePosixPath(path).name for path in paths}
    twice = {name for name, n in Counter(names.values()).items() if n > 1}
    shared = commonpath([path for path, name in names.items() if name in twice]) if twice else ""
    return {path: path.removeprefix(f"{shared}/") if name in twice else name for path, name in names.items()}
