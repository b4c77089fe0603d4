"""Two people change one setting: nobody overwrites another unseen."""

from typing import Any

from django.db.models import Model

from projects.errors import Conflict
from projects.models import Change


class Overtaken(Conflict):
    """`fields` are what the other has written, where it differs, and the `version` to insist with."""

    default_code = "overtaken"


def next_version(row: Model, project_id: int, version: int | None, values: dict[str, Any]) -> None:
    """`version` is the one that the person has seen; without one (None) whatever stands is replaced."""
    now: int = getattr(row, "version")  # noqa: B009
    theirs = {name: text_of(getattr(row, name)) for name, value in values.items() if getattr(row, name) != value}
    if theirs and version is not None and version != now:
        detail = f"{last_writer(row, project_id)} has changed this meanwhile. Save again to put yours in its place."
        raise Overtaken(detail, fields={**theirs, "version": str(now)})
    setattr(row, "version", now + 1)  # noqa: B010


def last_writer(row: Model, project_id: int) -> str:
    kind = type(row).__name__.lower()
    changes = Change.objects.filter(project=project_id, kind=kind, target=row.pk).select_related("actor")
    last = changes.order_by("-pk").first()
    return str(last.actor) if last else "Someone"


def text_of(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ", ".join(attribute(one) if isinstance(one, dict) else str(one) for one in value)


def attribute(one: dict[str, Any]) -> str:
    """As people read it: two of one name may differ in the rest."""
    options = f": {', '.join(one['options'])}" if one.get("options") else ""
    return f"{one['name']} ({one['kind']}{options})"
