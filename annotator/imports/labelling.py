"""The labels an import needs: which the project has, which must be made, and what of each annotation fits them."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from annotator.formats import conll
from annotator.formats.found import Problem
from annotator.imports.gathering import LabelSeen
from annotator.messages import Value
from annotator.operations.checks import mismatch
from projects.access import get_project
from projects.errors import Invalid
from projects.labels import DIGITS, HOTKEYS, MAX_ATTRIBUTES, SHAPES, attribute_id, read_attributes, storable
from projects.models import Label, Project, Role, User
from projects.names import alike, cleaned, told_alike
from projects.services import labels, projects

MAX_LABELS = 1_000
LONGEST = 100
GUIDELINES, LABELS_GUIDELINES = 100_000, 10_000  # characters
COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")


class Plan(msgspec.Struct):
    """What is to be done for a label: `shapes`, `attributes` and `guidelines` are those it does not have yet."""

    name: str
    count: int
    existing: int | None
    shapes: list[str]
    attributes: list[dict[str, Any]]
    color: str = ""
    hotkey: str = ""
    guidelines: str = ""

    @property
    def is_new(self) -> bool:
        return self.existing is None


def plan(project: Project, seen: Iterable[LabelSeen]) -> tuple[list[Plan], list[Problem]]:
    seen = list(seen)
    usual = {shape for one in seen for shape in one.shapes} or set(SHAPES)
    labels = list(project.labels.all())
    existing = {label.name: label for label in labels if label.removed_at is None}
    written = conll.tags_of(labels) if any(one.tag for one in seen) else {}
    tags = {written[label.pk]: label for label in existing.values() if label.pk in written}
    plans: dict[str, Plan] = {}
    problems = []
    for one in seen:
        name = cleaned(one.name)
        if why := wrong(name):
            problems.append(Problem("", shortened(name), why))
        elif sum(plan.is_new for plan in plans.values()) >= MAX_LABELS:
            why = gettext("There are more than %s labels. Is the right column chosen?") % f"{MAX_LABELS:,}"
            problems.append(Problem("", "", why))
            break
        elif name in plans:
            plans[name].count += one.count
        else:
            label = existing.get(name) or (tags.get(name) if one.tag else None)
            plans[name] = planned(name, one, label, usual)
    return list(plans.values()), problems


def planned(name: str, seen: LabelSeen, label: Label | None, usual: set[str]) -> Plan:
    """A new label that nothing was drawn with takes the shapes that the others have."""
    shapes = [shape for shape in SHAPES if shape in seen.shapes]
    guidelines = seen.guidelines if are_good(seen.guidelines, LABELS_GUIDELINES) else ""
    if label:
        missing = [shape for shape in shapes if shape not in label.shapes]
        return Plan(name, seen.count, label.pk, missing, [], guidelines="" if label.guidelines else guidelines)
    shapes = shapes or [shape for shape in SHAPES if shape in usual]
    return Plan(name, seen.count, None, shapes, attributes_of(seen), seen.color, seen.hotkey, guidelines)


def near(project: Project, plans: Iterable[Plan]) -> str:
    """A hint where labels that will be made differ from others only in capital letters or spaces."""
    plans = list(plans)
    there = project.labels.filter(removed_at=None).values_list("name", flat=True)
    return told_alike(alike([plan.name for plan in plans if plan.is_new], [*there, *(plan.name for plan in plans)]))


def are_good(guidelines: str, longest: int) -> bool:
    """Whether they can be kept. Our own always can."""
    return bool(guidelines.strip()) and len(guidelines) <= longest and storable(guidelines)


def wrong(name: str) -> str | None:
    if not name:
        return gettext("The label has no name; what it marks is left out.")
    if len(name) > LONGEST:
        return gettext("The label's name has more than %d characters; what it marks is left out.") % LONGEST
    if not storable(name):
        return gettext("The label's name holds a NUL character or half a character; what it marks is left out.")
    return None


def shortened(name: str) -> str:
    plain = re.sub("[\0\ud800-\udfff]", "\ufffd", name)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def attributes_of(seen: LabelSeen) -> list[dict[str, Any]]:
    """Those the file defines, then those that annotations merely have, as far as a label takes them."""
    try:
        attributes = msgspec.to_builtins(read_attributes(seen.attributes))
    except Invalid:
        attributes = []
    names, ids = {one["name"] for one in attributes}, {one["id"] for one in attributes}
    for name, kind in seen.kinds.items():
        fits = name and len(name) <= LONGEST and name == cleaned(name) and storable(name)
        if fits and name not in names and len(attributes) < MAX_ATTRIBUTES:
            ids.add(id_ := attribute_id(name, ids))
            attributes.append({"id": id_, "name": name, "kind": kind, "options": []})
    return attributes


class Ready:
    """A label that annotations can be made with."""

    def __init__(self, label: Label) -> None:
        self.pk = label.pk
        self.attributes = {one["name"]: one for one in label.attributes}

    def values(self, given: dict[str, Value]) -> tuple[dict[str, Value], int]:
        """The values by the attributes' ids, and how many do not fit."""
        fit: dict[str, Value] = {}
        for name, value in given.items():
            attribute = self.attributes.get(name)
            if attribute and not mismatch(attribute, value):
                fit[attribute["id"]] = value
        return fit, len(given) - len(fit)


@transaction.atomic
def describe(user: User, project: int, guidelines: str) -> bool:
    """Take the guidelines over where the project has none now; whether it was done."""
    if not are_good(guidelines, GUIDELINES) or get_project(user, project, Role.MANAGER, lock=True).guidelines:
        return False
    projects.change(user, project, guidelines=guidelines)
    return True


@transaction.atomic
def make(user: User, project: Project, plans: Iterable[Plan]) -> dict[str, Ready]:
    """The labels by name, made or changed where they must be."""
    plans = list(plans)
    taken = set(project.labels.filter(removed_at=None).values_list("hotkey", flat=True))
    new = [plan for plan in plans if plan.is_new]
    made = labels.add_all(user, project.pk, [values(plan, taken) for plan in new])
    ready = {plan.name: Ready(label) for plan, label in zip(new, made, strict=True)}
    for plan in plans:
        if plan.existing is not None:
            label = Label.objects.get(pk=plan.existing)
            changes: dict[str, Any] = {"shapes": [*label.shapes, *plan.shapes]} if plan.shapes else {}
            if plan.guidelines:
                changes["guidelines"] = plan.guidelines
            if changes:
                label = labels.change(user, label.pk, **changes)
            ready[plan.name] = Ready(label)
    return ready


def values(plan: Plan, taken: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": plan.name, "shapes": plan.shapes, "attributes": plan.attributes}
    if plan.guidelines:
        found["guidelines"] = plan.guidelines
    if COLOR.match(plan.color):
        found["color"] = plan.color
    free = (key for key in (plan.hotkey, *DIGITS) if key in HOTKEYS and key not in taken)
    if key := next(free, ""):
        found["hotkey"] = key
        taken.add(key)
    return found
