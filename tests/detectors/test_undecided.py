"""What is kept of which items have suggestions that nobody has decided is what one finds out anew, whatever happens."""

from random import Random
from uuid import uuid4

import pytest

from annotator.access import sheet_of
from annotator.messages import Reject
from annotator.shapes import Rectangle
from detectors import keeping, suggesting, undecided
from detectors.models import Run, Undecided
from projects.models import Item, Project, User
from projects.services import labels
from tests import grid
from tests.cast import photo
from tests.detectors.proposing import proposed
from tests.operations.door import do

pytestmark = pytest.mark.django_db

PLACES = [Rectangle(x, 20, 40, 50) for x in (10, 200, 400)]


def with_suggestions(who: User, project: Project) -> list[int]:
    found = grid.ask(who, project, mark="suggestions", counts=1)
    assert found["counts"]["total"] == len(found["items"])
    return sorted(item["id"] for item in found["items"])


def found_out(who: User, project: Project, items: list[Item]) -> list[int]:
    open_ones = suggesting.open_on([item.pk for item in items], who.pk if project.blind else None)
    return sorted(item for item, several in open_ones.items() if several)


def something(random: Random, project: Project, alice: User, bob: User, items: list[Item]) -> None:
    """Any of what people and models do."""
    who, item = random.choice([alice, bob]), random.choice(items)
    standing = list(project.labels.filter(removed_at=None))
    label = random.choice(standing)
    run = random.choice(list(Run.objects.filter(project=project, removed_at=None)) or [None])
    suggested = suggesting.open_on([item.pk], who.pk if project.blind else None)[item.pk]
    match random.randrange(8):
        case 0 | 1:
            proposed(alice, item, label, *random.sample(PLACES, 2))
        case 2 | 3 if suggested:
            do(sheet_of(item, who), who, Reject(uuid4(), suggested[0].annotation, suggested[0].prediction))
        case 4:
            grid.draw(who, item, label, random.choice(PLACES))
        case 5 if run:
            keeping.show(alice, run.pk, not run.shown)
        case 6 if run and random.random() < 0.3:
            keeping.remove(alice, run.pk)
        case 7 if len(standing) > 2 and random.random() < 0.3:
            labels.remove(alice, label.pk)
        case _:
            undecided.keep(project.pk, who.pk)


@pytest.mark.parametrize("blind", [False, True])
def test_what_is_kept_is_what_is_found_out_anew(project, alice, bob, blind):
    project.blind = blind
    project.save()
    for number in range(5):
        project.labels.create(name=f"Face {number}", color="#f4b740", shapes=["rectangle"])
    items, random = [photo(project, alice) for _ in range(4)], Random(7)
    for _ in range(60):
        something(random, project, alice, bob, items)
        for who in (alice, bob):
            assert with_suggestions(who, project) == found_out(who, project, items)
    undecided.keep(project.pk, alice.pk)
    assert Undecided.objects.filter(open=True).exists()


def test_where_much_was_looked_at_a_worker_keeps_it(project, alice, monkeypatch, django_capture_on_commit_callbacks):
    label = project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
    proposed(alice, photo(project, alice), label, PLACES[0])
    asked = []
    monkeypatch.setattr(undecided, "MANY", 0)
    monkeypatch.setattr(undecided.current_app, "send_task", lambda *what, **how: asked.append(what))

    with django_capture_on_commit_callbacks(execute=True):
        with_suggestions(alice, project)
    undecided.keep(*asked[0][1])
    with django_capture_on_commit_callbacks(execute=True):
        with_suggestions(alice, project)

    assert len(asked) == 1
