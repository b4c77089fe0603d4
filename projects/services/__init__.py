"""Every write to people, projects, members, labels and items. Each leaves the whole row in the project's log."""

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field, Model

from projects.errors import Conflict, Invalid
from projects.models import Change, User


def hold_version(project_id: int) -> None:
    """Until this transaction ends no dataset version is made, so that a version sees all of it or nothing.

    Nor is the project archived: who asks for a role after it is asked of the project as it stays.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [project_id])


def wait_for_writers(project_id: int) -> None:
    """Until all who hold the version have committed; who comes now waits for this transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [project_id])


def log(
    actor: User,
    project_id: int,
    kind: str,
    records: dict[int, dict[str, Any]],
    *,
    action: uuid.UUID | None = None,
) -> None:
    """Keep what stands after a change, by target. All records of one call are one action."""
    hold_version(project_id)
    action = action or uuid.uuid4()
    Change.objects.bulk_create(
        Change(project_id=project_id, actor_id=actor.pk, action=action, kind=kind, target=target, record=record)
        for target, record in records.items()
    )


def done_by(actor: User, project_id: int, kind: str, targets: Iterable[int], action: uuid.UUID) -> list[int] | None:
    """To which of the targets an action was done when it was asked for before; it is then not done again. None when it
    is new."""
    said = Change.objects.filter(project=project_id, kind=kind, target__in=list(targets), action=action)
    found = dict(said.values_list("target", "actor"))
    if set(found.values()) - {actor.pk}:
        detail = "This request's id was used before for something else. Use a new one."
        raise Conflict(detail, code="key_reused")
    return list(found) or None


def log_rows(
    actor: User,
    project_id: int,
    rows: Iterable[Model],
    *,
    without: Iterable[str] = (),
    action: uuid.UUID | None = None,
) -> None:
    """Keep whole rows of one kind; the kind is the model's name."""
    rows = list(rows)
    names = [field.attname for field in rows[0]._meta.concrete_fields if field.attname not in without]
    records = {row.pk: {name: getattr(row, name) for name in names} for row in rows}
    log(actor, project_id, type(rows[0]).__name__.lower(), records, action=action)


def check(row: Model, detail: str, *names: str) -> None:
    """The limits that the table states of some fields, told field by field."""
    wrong = {}
    for name in names:
        value = getattr(row, name)
        try:
            if "\0" in value:
                raise ValidationError("Remove the NUL character.")
            cast(Field, row._meta.get_field(name)).clean(value, row)
        except ValidationError as error:
            wrong[name] = " ".join(error.messages)
    if wrong:
        raise Invalid(detail, fields=wrong)
