"""Who plays in the tests: alice owns, bob annotates, rita reviews, vera views, mallory is a stranger."""

from functools import cache
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from projects.models import Item, Media, Membership, Project, Role, User


@cache
def hashed(password: str) -> str:
    """Hashing is slow on purpose; once a password is enough for the tests."""
    return make_password(password)


PASSWORD = "a good password"


def person(name: str) -> User:
    return User.objects.create(username=name, password=hashed(PASSWORD), name=name.title())


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def bob(db: None) -> User:
    return person("bob")


@pytest.fixture
def rita(db: None) -> User:
    return person("rita")


@pytest.fixture
def vera(db: None) -> User:
    return person("vera")


@pytest.fixture
def mallory(db: None) -> User:
    return person("mallory")


@pytest.fixture
def project(alice: User, bob: User, rita: User, vera: User) -> Project:
    project = Project.objects.create(name="Kitchen safety")
    roles = {alice: Role.OWNER, bob: Role.ANNOTATOR, rita: Role.REVIEWER, vera: Role.VIEWER}
    Membership.objects.bulk_create(Membership(project=project, user=user, role=role) for user, role in roles.items())
    return project


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    """A client through which alice speaks, who has just proved who she is."""
    client.force_login(alice)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def other_project(mallory: User) -> Project:
    """Mallory's own, of which nobody else is a member."""
    project = Project.objects.create(name="Elsewhere")
    project.memberships.create(user=mallory, role=Role.OWNER)
    return project


def photo(project: Project, creator: User, *, width: int = 800, height: int = 600) -> Item:
    """An image as its row has it; its bytes are not in storage."""
    media = Media.objects.create(sha256=uuid4().hex * 2, content_type="image/png", size=1, width=width, height=height)
    return project.items.create(
        kind="image", name="photo.png", media=media, width=width, height=height, created_by=creator
    )


def text(project: Project, creator: User, content: str) -> Item:
    return project.items.create(kind="text", name="text", text=content, created_by=creator)
