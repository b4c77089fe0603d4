"""What the floors above show beside a project's items: each puts a function here that draws it, when it is ready."""

from collections.abc import Callable

from projects.models import Project

Part = Callable[[Project], str]

parts: list[Part] = []


def drawn(project: Project) -> list[str]:
    return [part(project) for part in parts]
