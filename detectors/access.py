"""Who may see or change a run, or a back end: members see those of their projects."""

from detectors.models import BackEnd, Run
from projects.access import get, visible
from projects.models import Role, User


def get_run(user: User, pk: int, role: Role = Role.VIEWER, *, lock: bool = False) -> Run:
    runs = Run.objects.filter(removed_at=None).select_related("project")
    run: Run = get(visible(runs, user, "project__"), pk, role, lock)
    return run


def get_back_end(user: User, pk: int, role: Role = Role.VIEWER, *, lock: bool = False) -> BackEnd:
    back_ends = BackEnd.objects.select_related("project")
    found: BackEnd = get(visible(back_ends, user, "project__"), pk, role, lock)
    return found
