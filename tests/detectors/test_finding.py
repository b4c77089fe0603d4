"""The dialog in which a manager has one detector look through all items."""

import pytest
from django.test import Client
from django.utils import timezone

from detectors import finding
from detectors.models import Run
from projects.errors import Invalid
from projects.models import Project, User
from tests.cast import photo, text
from tests.clients import client_of


def asked(client: Client, project: Project, **told: str) -> str:
    return client.post(f"/projects/{project.pk}/find/", told, headers={"HX-Request": "true"}).content.decode()


def test_only_detectors_of_what_the_project_has_are_offered(alice, project):
    def offered() -> str:
        return client_of(alice).get(f"/projects/{project.pk}/find/", headers={"HX-Request": "true"}).content.decode()

    assert "Add images or texts first." in offered()

    text(project, alice, "One cup")
    assert "Regular expression" in offered() and "Faces" not in offered()

    photo(project, alice)
    assert "Faces" in offered()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"smallest": "large", "step": "1.1"}, "Smallest"),
        ({"smallest": "0", "step": "1.1"}, "Smallest"),
        ({"smallest": "30", "step": "nan"}, "Step"),
        ({"smallest": "30", "step": "1.1", "label": "x" * 101}, "Label"),
        ({"smallest": "30", "step": "1.1", "label": "\0"}, "Label"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field_and_nothing_runs(alice, project, told, said):
    photo(project, alice)
    answer = asked(client_of(alice), project, kind="faces", neighbours="5", longest="1600", **{"label": "Face"} | told)

    assert f'role="alert">{said}' in answer
    assert not Run.objects.exists()
    assert not project.labels.exists()


def test_labels_that_the_detector_gives_are_made_where_there_are_none(alice, project):
    text(project, alice, "Call +44 20 7946 0958 on 2024-05-31.")
    project.labels.create(name="date", color="#336699", shapes=["span"])

    asked(client_of(alice), project, kind="patterns", dates="on", phones="on")

    assert set(project.labels.values_list("name", flat=True)) == {"date", "phone"}
    assert Run.objects.get().name == "Dates, numbers, addresses"


def test_no_labels_are_made_where_none_of_the_chosen_items_is_there(alice, project):
    chosen = text(project, alice, "On 2024-05-31.")
    text(project, alice, "On 2024-06-01.")
    chosen.trashed_at = timezone.now()
    chosen.save()

    with pytest.raises(Invalid, match="There is no text to run it on"):
        finding.start(alice, project.pk, "patterns", {"dates": True}, items=[chosen.pk])

    assert not project.labels.exists()


def test_what_is_left_empty_is_as_if_nothing_were_said(alice: User, project: Project):
    photo(project, alice)

    asked(client_of(alice), project, kind="contours", label="Object", by="edges", shape="polygon", threshold="")

    assert Run.objects.get().version.graph["nodes"][1]["config"]["label"] == "Object"


def test_who_labels_sees_how_far_a_run_is_and_has_no_buttons(alice, bob, project):
    text(project, alice, "One cup")
    asked(client_of(alice), project, kind="expression", pattern="cup", label="Cup", group="0")

    seen = client_of(bob).get(f"/projects/{project.pk}/runs/", headers={"HX-Request": "true"}).content.decode()

    assert "0 of 1 items" in seen
    assert "<button" not in seen
