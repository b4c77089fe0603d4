"""Addresses that are no page, or of a project that one may not open: what is said, and where it leads."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from annotator.models import Import
from projects import views
from projects.services import members, projects
from tests.cast import person, text

pytestmark = pytest.mark.django_db


def test_an_error_is_a_page_for_people_and_a_sentence_for_programs(client, rf):
    detail = "There is nothing here, or you have no access to it."

    assert f"<h1>{detail}</h1>" in client.get("/nowhere/").content.decode()
    assert client.get("/api/nowhere/").json() == {"code": "not_found", "detail": detail}
    assert client.get("/nowhere/", headers={"HX-Request": "true"}).json()["code"] == "not_found"
    assert "Something went wrong" in views.server_error(rf.get("/")).content.decode()
    assert views.server_error(rf.get("/api/me/")).status_code == 500


def test_what_only_does_something_leads_back_when_it_is_opened(owner, project):
    answer = owner.get(f"/projects/{project.pk}/trash/")
    page = answer.content.decode()

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "it only does what a button asks for" in page
    assert f'href="/projects/{project.pk}/"' in page
    asked = owner.get(f"/projects/{project.pk}/trash/", headers={"HX-Request": "true"})
    assert asked.json()["code"] == "method_not_allowed"
    assert owner.put("/api/me/").json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("part", ["share", "download", "pulse", "here", "runs", "imports/now"])
def test_a_part_of_a_page_that_is_opened_by_itself_leads_to_the_page(owner, project, part):
    opened = owner.get(f"/projects/{project.pk}/{part}/", headers={"Accept": "text/html,*/*"})

    assert opened.headers["Location"].startswith(f"/projects/{project.pk}/")
    assert owner.get(f"/projects/{project.pk}/{part}/", headers={"Accept": "*/*"}).status_code == 200


def test_a_part_of_a_page_about_one_thing_leads_to_the_page_with_that_open(owner, client, vera, alice, project):
    label = project.labels.create(name="Cup", color="#112233")
    row = Import.objects.create(project=project, created_by=alice, state="done")
    parts = [f"/labels/{label.pk}/removal/", f"/imports/{row.pk}/"]

    opened = [owner.get(part, headers={"Accept": "text/html,*/*"}, follow=True).content.decode() for part in parts]
    client.force_login(vera)
    refused = [client.get(part, headers={"Accept": "text/html,*/*"}).status_code for part in parts]

    for part, page in zip(parts, opened, strict=True):
        assert f'hx-get="{part}" hx-trigger="load"' in page and "<title>" in page
    assert refused == [403, 403]


def test_who_was_removed_is_told_whom_to_ask_and_who_left_or_never_was_in_is_not(
    client, alice, bob, rita, vera, project
):
    letter = text(project, alice, "Dear all")
    members.remove(alice, project.memberships.get(user=bob).pk)
    members.remove(vera, project.memberships.get(user=vera).pk)
    told = "You were removed from “Kitchen safety”. Ask Alice to let you in again."

    def answers(user):
        client.force_login(user)
        page = f"/projects/{project.pk}/"
        return [client.get(at).content.decode() for at in (page, f"{page}items/{letter.pk}/", f"/api{page}grid/")]

    assert all(told in answer for answer in answers(bob))
    assert all("There is nothing here" in answer for user in (vera, person("nobody")) for answer in answers(user))
    projects.trash(alice, project.pk)
    assert all("There is nothing here" in answer for answer in answers(bob))
    trashed = "“Kitchen safety” is in the trash. An owner can bring it back."
    assert all(trashed in answer for answer in (answers(rita)[0], answers(rita)[2]))


def test_a_form_without_its_token_is_refused_with_what_to_do(alice):
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/accounts/login/", {"login": "alice", "password": "a good password"})

    assert answer.status_code == 403
    assert "load it anew" in answer.content.decode()


def test_the_settings_are_fit_for_production():
    env = os.environ | {"PUBLIC_URL": "https://labels.example.org", "SECRET_KEY": "k" * 32 + "0123456789abcdefghijkl"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
