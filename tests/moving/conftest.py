import pytest

from projects.models import Role
from projects.services import projects
from tests.moving.desk import COLOUR


@pytest.fixture
def face(project):
    return project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle"], hotkey="1", attributes=[COLOUR])


@pytest.fixture
def blurred(project):
    return project.labels.create(name="blurred", color="#e0567a", shapes=["tag"])


@pytest.fixture
def archive(alice, bob):
    """Another project of alice's, where bob labels, too."""
    other = projects.create(alice, name="Archive")
    other.memberships.create(user=bob, role=Role.ANNOTATOR)
    return other
