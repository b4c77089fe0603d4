"""Texts about cups and bowls, tagged by alice, and what is learned of them."""

from collections.abc import Collection
from uuid import uuid4

from annotator.messages import Create
from annotator.models import Sheet
from annotator.shapes import Tag
from detectors import lessons, teaching
from detectors.confusion import reckoning
from detectors.models import Evaluation
from projects.models import Item, Label, Project, User
from tests.cast import text
from tests.operations.door import do

CUPS = ["a cup of tea", "two cups of tea", "tea in a cup", "my cup and tea", "tea, a cup"]
BOWLS = ["a bowl of rice", "rice and a bowl", "two bowls of rice", "the bowl, rice", "rice in bowls"]


def label(project: Project, name: str, *shapes: str, color: str = "#336699") -> Label:
    return project.labels.create(name=name, color=color, shapes=list(shapes))


def tagged(item: Item, user: User, tag: Label) -> str:
    """The annotation's id."""
    sheet, _ = Sheet.objects.get_or_create(item=item, person=None)
    annotation = uuid4()
    do(sheet, user, Create(uuid4(), annotation, tag.pk, Tag(), {}))
    return str(annotation)


def cups_and_bowls(project: Project, user: User, *, wrong: Collection[int] = ()) -> list[Item]:
    """Half of each; some of the cups are called bowls."""
    cup, bowl = label(project, "cup", "tag"), label(project, "bowl", "tag", color="#aa3322")
    items = [text(project, user, f"{words} {n}") for several in (CUPS, BOWLS) for n in range(4) for words in several]
    for at, item in enumerate(items):
        tagged(item, user, cup if at < len(items) // 2 and at not in wrong else bowl)
    return items


def learned(project: Project, user: User) -> Evaluation:
    """What comes of one lesson."""
    lessons.ask(user, project.pk)
    teaching.learn(project.pk)
    made = Evaluation.objects.latest("pk")
    return evaluated(made)


def evaluated(made: Evaluation) -> Evaluation:
    reckoning.evaluate(made.pk)
    made.refresh_from_db()
    return made
