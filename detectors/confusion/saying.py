"""What people say of what is listed as a likely mistake, where they do not change it."""

from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction

from annotator import events
from detectors.models import Verdict
from projects.access import get_project
from projects.errors import Invalid
from projects.models import Label, Role, User


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a thing (an annotation or a prediction): it is `kept`, right with its label (an id, None where nothing is
    labelled), for everybody until it is labelled otherwise; or `dismissed`, by oneself; or that was `taken_back`."""

    thing: UUID
    verdict: Literal["kept", "dismissed", "taken_back"]
    label: int | None = None


@transaction.atomic
def say(user: User, project_id: int, said: Say) -> None:
    project = get_project(user, project_id, Role.VIEWER if said.verdict == "dismissed" else Role.ANNOTATOR)
    if said.label and not Label.objects.filter(project=project, pk=said.label).exists():
        raise Invalid("There is no such label in this project.", fields={"label": "unknown"})
    about = {"project": project, "thing": said.thing}
    match said.verdict:
        case "kept":
            label = Label.objects.get(pk=said.label) if said.label else None
            Verdict.objects.get_or_create(**about, label=label, person=None, defaults={"created_by": user})
        case "dismissed":
            Verdict.objects.get_or_create(**about, label=None, person=user, defaults={"created_by": user})
        case "taken_back":
            Verdict.objects.filter(**about, created_by=user).delete()
    events.sheets_changed(project.pk)
