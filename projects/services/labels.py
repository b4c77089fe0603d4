from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from projects import events
from projects.access import get_label, get_project
from projects.errors import Invalid
from projects.labels import COLORS, DIGITS, HOTKEYS, SHAPES, TOOL_KEYS, read_attributes
from projects.models import Label, Project, Role, User
from projects.names import alike, cleaned, told_alike
from projects.services import check, examples, log_rows
from projects.services.versions import next_version

MOST_AT_ONCE = 200


def add(user: User, project_id: int, **values: Any) -> Label:
    """Without a colour, shapes or a hotkey it gets the next colour, every shape and the next free digit."""
    return add_all(user, project_id, [values])[0]


@transaction.atomic
def add_all(user: User, project_id: int, several: Iterable[dict[str, Any]]) -> list[Label]:
    """As `add` for each of the values; whoever has the project open is told once."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    made = []
    others = others_of(Label(project=project))
    keys = (key for key in DIGITS if key not in others.values())
    for position, values in enumerate(several, project.labels.count()):
        label = Label(project=project, position=position, color=COLORS[position % len(COLORS)], shapes=list(SHAPES))
        fill(label, values if "hotkey" in values else {**values, "hotkey": next(keys, "")}, others)
        others[label.name] = label.hotkey
        made.append(label)
    if made:
        log_rows(user, project_id, Label.objects.bulk_create(made))
        events.labels_changed(project_id)
    return made


@transaction.atomic
def add_several(user: User, project_id: int, *, names: Iterable[str], shapes: list[str]) -> list[Label]:
    """A label for each name that is not there yet."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    lines = list(map(cleaned, names))
    for number, name in enumerate(lines, 1):
        if name:
            check(Label(name=name), f"Mend line {number}, “{Truncator(name).chars(40)}”.", "name")
    wanted = dict.fromkeys(filter(None, lines))
    if len(wanted) > MOST_AT_ONCE:
        raise refuse("names", f"Add at most {MOST_AT_ONCE} labels at a time.")
    there = set(project.labels.filter(removed_at=None).values_list("name", flat=True))
    return add_all(user, project_id, [{"name": name, "shapes": shapes} for name in wanted if name not in there])


def near(project: Project, labels: Iterable[Label]) -> str:
    """A hint where they differ from others of the project only in capital letters or spaces."""
    names = project.labels.filter(removed_at=None).values_list("name", flat=True)
    return told_alike(alike([label.name for label in labels], names))


@transaction.atomic
def copy(user: User, project_id: int, source_id: int) -> list[Label]:
    """The labels of another of one's projects, but for those whose names are there already."""
    project, source = get_project(user, project_id, Role.MANAGER, lock=True), get_project(user, source_id)
    labels = project.labels.filter(removed_at=None)
    names = set(labels.values_list("name", flat=True))
    wanted = [label for label in source.labels.filter(removed_at=None) if label.name not in names]
    keys = keys_beside(project, [label.hotkey for label in wanted])
    return add_all(
        user,
        project_id,
        [
            {
                "name": label.name,
                "color": label.color,
                "shapes": label.shapes,
                "attributes": label.attributes,
                "hotkey": key,
                "guidelines": examples.brought(user, project, source, label.guidelines),
            }
            for label, key in zip(wanted, keys, strict=True)
        ],
    )


def keys_beside(project: Project, wanted: list[str]) -> list[str]:
    """The hotkeys, and for those that a label of the project has, digits that are free."""
    taken = set(project.labels.filter(removed_at=None).values_list("hotkey", flat=True)) - {""}
    free = iter([key for key in free_digits(project) if key not in wanted])
    return [next(free, "") if key in taken else key for key in wanted]


def free_digits(project: Project) -> Iterator[str]:
    """Those that no label has. They are looked for when the first is asked for."""
    taken = set(project.labels.filter(removed_at=None).values_list("hotkey", flat=True))
    yield from (key for key in DIGITS if key not in taken)


@transaction.atomic
def change(user: User, pk: int, told: str | None = None, **values: Any) -> Label:
    """`version`, among the values: the one that the person has seen. Where values of attributes would fit no more, who
    has not been `told` so is; None: who is not to be asked."""
    label = lock_label(user, pk)
    version = values.pop("version", None)
    values = clean(values)
    next_version(label, label.project_id, version, values)
    before = label.attributes
    write(user, label, values)
    events.attributes_changed.send(Label, user=user, label=label, before=before, told=told)
    return label


@transaction.atomic
def remove(user: User, pk: int) -> None:
    """Hides the label; annotations that have it keep it."""
    label = lock_label(user, pk)
    label.removed_at = timezone.now()
    label.version += 1
    save(user, label)


def lock_label(user: User, pk: int) -> Label:
    """The project's lock, too, so that two people cannot give one name or hotkey to two labels."""
    project = get_project(user, get_label(user, pk).project_id, Role.MANAGER, lock=True)
    label = get_label(user, pk, Role.MANAGER, lock=True)
    label.project = project
    return label


def clean(values: dict[str, Any]) -> dict[str, Any]:
    """As they will stand in the row."""
    tidy: dict[str, Any] = {name: cleaned(values[name]) for name in ("name", "color", "hotkey") if name in values}
    if "shapes" in values:
        tidy["shapes"] = [shape for shape in SHAPES if shape in values["shapes"]]
    if "attributes" in values:
        tidy["attributes"] = msgspec.to_builtins(read_attributes(values["attributes"]))
    if "guidelines" in values:
        tidy["guidelines"] = values["guidelines"]
    return tidy


def write(user: User, label: Label, values: dict[str, Any]) -> Label:
    fill(label, values, others_of(label))
    save(user, label)
    return label


def others_of(label: Label) -> dict[str, str]:
    """The hotkeys of the project's other labels, by their names."""
    others = Label.objects.filter(project_id=label.project_id, removed_at=None).exclude(pk=label.pk)
    return dict(others.values_list("name", "hotkey"))


def fill(label: Label, values: dict[str, Any], others: dict[str, str]) -> None:
    """Give the label these values, if they are good."""
    for name, value in clean(values).items():
        setattr(label, name, value)
    check(label, "Please mend what is marked.", "name", "color", "hotkey", "guidelines")
    check_against_others(label, others)


def check_against_others(label: Label, others: dict[str, str]) -> None:
    if not label.shapes:
        raise refuse("shapes", "Choose at least one shape for the label.")
    if label.name in others:
        raise refuse("name", f"Another label is called “{label.name}”. Choose another name.")
    if not label.hotkey:
        return
    if label.hotkey in TOOL_KEYS:
        raise refuse("hotkey", f"The key {label.hotkey} belongs to the editor. Choose one of {' '.join(HOTKEYS)}.")
    if label.hotkey not in HOTKEYS:
        raise refuse("hotkey", f"A hotkey is one of {' '.join(HOTKEYS)}.")
    if other := next((name for name, key in others.items() if key == label.hotkey), None):
        raise refuse("hotkey", f"The key {label.hotkey} is taken by “{other}”. Choose another.")


def save(user: User, label: Label) -> None:
    label.save()
    log_rows(user, label.project_id, [label])
    events.labels_changed(label.project_id)


def refuse(field: str, detail: str) -> Invalid:
    return Invalid(detail, fields={field: detail})
