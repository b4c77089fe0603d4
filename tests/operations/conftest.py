import pytest

from annotator.models import Sheet
from projects.models import Label, Project, User
from tests.cast import photo


@pytest.fixture
def sheet(project: Project, alice: User) -> Sheet:
    return Sheet.objects.create(item=photo(project, alice))


@pytest.fixture
def label(project: Project) -> Label:
    return project.labels.create(
        name="Face",
        color="#f4b740",
        shapes=["rectangle", "polygon", "tag"],
        attributes=[
            {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly"]},
            {"id": "age", "name": "Age", "kind": "number"},
            {"id": "note", "name": "Note", "kind": "text"},
            {"id": "smiles", "name": "Smiles", "kind": "checkbox"},
        ],
        position=90,
    )
