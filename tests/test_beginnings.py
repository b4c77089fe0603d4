"""How a project begins: labels of a template, of a list or of another project; a copy; out of the trash."""

import re

import pytest

from annotator.access import sheet_of
from projects.models import Change, Project, Role
from projects.services import labels, projects
from tests.cast import photo, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def several(client, alice, project):
    client.force_login(alice)
    return lambda **posted: client.post(f"/projects/{project.pk}/labels/several/", posted).content.decode()


def told(project):
    return [(label.name, label.hotkey, label.shapes) for label in project.labels.filter(removed_at=None)]


def test_a_template_brings_its_labels_with_keys(several, project):
    page = several(template="names")

    assert told(project) == [
        ("Person", "1", ["span"]),
        ("Organisation", "2", ["span"]),
        ("Place", "3", ["span"]),
        ("Date", "4", ["span"]),
    ]
    assert len({label.color for label in project.labels.all()}) == 4
    assert "Organisation" in page


def test_a_pasted_list_brings_a_label_a_line_and_leaves_what_is_there(several, project):
    project.labels.create(name="Cup", color="#336699", shapes=["tag"], hotkey="1")

    several(names="Cup\r\n  Plate \n\nMug\nPlate\n☕ & <b>", shapes=["rectangle", "tag"])

    assert told(project) == [
        ("Cup", "1", ["tag"]),
        ("Plate", "2", ["rectangle", "tag"]),
        ("Mug", "3", ["rectangle", "tag"]),
        ("☕ & <b>", "4", ["rectangle", "tag"]),
    ]


@pytest.mark.parametrize(
    ("posted", "why"),
    [
        ({"names": "Cup"}, "Choose at least one shape"),
        ({"names": "x" * 101, "shapes": ["tag"]}, "at most 100"),
        ({"names": "\n".join(map(str, range(201))), "shapes": ["tag"]}, "at most 200 labels"),
    ],
)
def test_a_list_that_does_not_do_is_told_and_nothing_of_it_is_added(several, project, posted, why):
    page = several(**posted)

    assert why in page
    assert posted["names"][:50] in page
    assert told(project) == []


def test_a_list_that_does_not_do_keeps_its_shapes_and_the_line_in_error_is_named(several):
    page = several(names=f"Cup\n\n{'n' * 101}", shapes=["tag", "span"])

    assert "Mend line 3, “nnn" in page and "Use at most 100 characters; this has 101." in page
    [form] = re.findall('<details class="label" id="several" open>.*?</form>', page, re.DOTALL)
    assert re.findall('name="shapes" value="([a-z]+)" checked', form) == ["span", "tag"]


def test_labels_of_another_project_come_with_their_attributes(several, alice, project):
    other = projects.create(alice, name="Other")
    attributes = [{"id": "full", "name": "Full", "kind": "checkbox"}]
    labels.add(alice, other.pk, name="Cup", hotkey="1", shapes=["polygon"], attributes=attributes)
    labels.add(alice, other.pk, name="Mug", hotkey="2")
    project.labels.create(name="Plate", color="#336699", shapes=["tag"], hotkey="1")

    assert "2 labels were copied.<" in several(source=other.pk)
    labels.add(alice, other.pk, name="Plate")
    assert "0 labels were copied. Left out, as there are labels of these names here: Cup, Mug, Plate." in several(
        source=other.pk
    )

    cup = project.labels.get(name="Cup")
    assert (cup.hotkey, cup.shapes, [one["id"] for one in cup.attributes]) == ("3", ["polygon"], ["full"])
    assert project.labels.get(name="Mug").hotkey == "2"


def test_labels_of_a_project_one_does_not_see_are_not_copied(client, alice, project, other_project):
    client.force_login(alice)

    answer = client.post(f"/projects/{project.pk}/labels/several/", {"source": other_project.pk})

    assert answer.status_code == 404


def test_a_copy_has_labels_guidelines_and_items_and_nothing_labelled(client, alice, bob, project):
    project.guidelines = "Label all."
    project.save()
    project.labels.create(name="Cup", color="#336699", shapes=["tag"], hotkey="1")
    cat, letter = photo(project, bob), text(project, bob, "Dear all")
    sheet_of(cat, alice)
    client.force_login(alice)

    client.post(f"/projects/{project.pk}/duplicate/")

    copy = Project.objects.get(name="Copy of Kitchen safety")
    assert copy.guidelines == "Label all."
    assert told(copy) == [("Cup", "1", ["tag"])]
    assert list(copy.items.values_list("name", "media_id", "text")) == [
        (cat.name, cat.media_id, None),
        (letter.name, None, "Dear all"),
    ]
    assert not copy.items.filter(sheets__isnull=False).exists()
    assert list(copy.memberships.values_list("user", "role")) == [(alice.pk, Role.OWNER)]
    assert Change.objects.filter(project=copy, kind="item").count() == 2


def test_a_project_comes_back_from_the_trash(client, alice, bob, project):
    client.force_login(alice)
    assert client.post(f"/projects/{project.pk}/trash/").headers["HX-Redirect"] == "/trash/"
    assert "Kitchen safety" in client.get("/trash/").content.decode()

    restored = client.post(f"/projects/{project.pk}/restore/")

    assert restored.headers["HX-Redirect"] == f"/projects/{project.pk}/"
    assert client.get(f"/projects/{project.pk}/").status_code == 200
    assert "The trash is empty." in client.get("/trash/").content.decode()
    assert [record["trashed_at"] is None for record in records(project)] == [False, True]


def records(project):
    return Change.objects.filter(project=project, kind="project").order_by("pk").values_list("record", flat=True)


def test_who_does_not_own_a_project_does_not_see_it_in_the_trash(client, alice, bob, project):
    projects.trash(alice, project.pk)
    client.force_login(bob)

    assert "The trash is empty." in client.get("/trash/").content.decode()
