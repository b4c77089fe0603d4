"""The server-rendered pages: what they show, and what becomes of their forms."""

import re

import pytest
from django.core.management import call_command
from django.utils import timezone

from annotator import overview
from annotator.models import Annotation, Sheet
from projects.models import Project, Role, User
from tests.cast import photo, text

pytestmark = pytest.mark.django_db

EVIL = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 1 }}'


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# What is shown --------------------------------------------------------------------------------------------------------


def test_names_that_are_markup_are_shown_as_text(owner, project, alice):
    User.objects.filter(pk=alice.pk).update(name=EVIL)
    Project.objects.update(name=EVIL, guidelines=EVIL)
    attributes = [{"id": "a", "name": EVIL, "kind": "choice", "options": [EVIL]}]
    project.labels.create(name=EVIL, color="#112233", shapes=["tag"], attributes=attributes)
    item = text(project, alice, EVIL)
    type(item).objects.update(name=EVIL)
    paths = [
        "/",
        "/projects/{}/",
        "/projects/{}/settings/",
        "/projects/{}/download/",
        f"/projects/{{}}/items/{item.pk}/",
    ]

    for path in paths:
        page = read(owner, path.format(project.pk))
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_no_page_holds_an_inline_script_and_the_policy_forbids_them(owner, project, alice):
    item = photo(project, alice)
    paths = [
        "/",
        f"/projects/{project.pk}/",
        f"/projects/{project.pk}/settings/",
        f"/projects/{project.pk}/items/{item.pk}/",
    ]

    for path in [*paths, "/accounts/password/change/", "/api/docs/"]:
        answer = owner.get(path)
        page = answer.content.decode()
        inline = [
            tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag
        ]
        assert inline == [], path
        assert not re.search(r"<[^>]+\son\w+=", page), path
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-eval" not in policy
        assert "script-src" not in policy


def test_my_projects_show_role_and_progress(client, project, alice, bob):
    for status in ("done", "skipped", "in_progress"):
        Sheet.objects.create(item=photo(project, alice), status=status)
    photo(project, alice)
    client.force_login(bob)

    page = read(client, "/")

    assert "2 of 4 finished" in page
    assert "Annotator</span>" in page


def test_empty_pages_say_what_to_do(client, project, alice, bob, mallory):
    client.force_login(mallory)
    assert "No projects yet" in read(client, "/")

    client.force_login(alice)
    assert "Choose files" in read(client, f"/projects/{project.pk}/")
    assert "No labels yet" in read(client, f"/projects/{project.pk}/settings/")

    client.force_login(bob)
    assert "Managers of the project upload" in read(client, f"/projects/{project.pk}/")


def test_the_grid_is_handed_the_labels_and_people_to_filter_by(owner, project, bob):
    tag = project.labels.create(name="Blurred", color="#112233", shapes=["tag"])
    project.labels.create(name="Old", color="#112233", shapes=["tag"], removed_at=timezone.now())

    handed = owner.get(f"/projects/{project.pk}/").context["grid"]

    assert handed["role"] == Role.OWNER
    assert handed["labels"] == [{"id": tag.pk, "name": "Blurred", "color": "#112233", "tags": True}]
    bobs = {"id": bob.pk, "username": "bob", "name": "Bob", "color": bob.color, "picture": "", "works": True}
    assert bobs in handed["people"]


def test_the_pulse_tells_how_far_the_project_is_now_and_of_many_items_it_tells_that_first(
    owner, project, alice, monkeypatch
):
    monkeypatch.setattr(overview, "AT_ONCE", 1)
    Sheet.objects.create(item=photo(project, alice), status="done")
    few = read(owner, f"/projects/{project.pk}/")
    photo(project, alice)

    many = owner.get(f"/projects/{project.pk}/")
    pulse = read(owner, f"/projects/{project.pk}/pulse/")

    counts = re.compile(r"<dd>([^<]+)</dd>")
    assert counts.findall(few) == ["0", "0", "1", "0", "0", "0"]
    assert counts.findall(many.content.decode()) == ["…"] * 6
    assert ("load delay" in few, "load delay" in many.content.decode(), "load delay" in pulse) == (False, True, False)
    assert [len(many.context["grid"]["first"]["items"]), many.context["grid"]["first"]["counts"]] == [2, None]
    assert counts.findall(pulse) == ["1", "0", "1", "0", "0", "0"]
    assert re.search(rf'id="people" hx-swap-oob="true">.*{alice}', pulse)


def test_a_project_made_blind_after_work_began_counts_each_item_once(owner, project, alice):
    item = photo(project, alice)
    Sheet.objects.create(item=item, status="done")
    Project.objects.update(blind=True)
    Sheet.objects.create(item=item, person=alice, status="skipped")

    page = read(owner, f"/projects/{project.pk}/pulse/")

    assert re.findall(r"<dd>(\d+)</dd>", page) == ["0", "0", "0", "1", "0", "0"]


def test_an_item_is_opened_in_its_own_project_whichever_the_link_names(owner, project, alice):
    mine = Project.objects.create(name="Mine too")
    mine.memberships.create(user=alice, role=Role.OWNER)
    item = photo(project, alice).pk

    answer = owner.get(f"/projects/{mine.pk}/items/{item}/")

    assert answer.url == f"/projects/{project.pk}/items/{item}/"


def test_the_editor_is_handed_who_where_and_the_labels(owner, project, alice):
    label = project.labels.create(name="Cup", color="#112233", shapes=["tag"])

    answer = owner.get(f"/projects/{project.pk}/items/{photo(project, alice).pk}/")
    handed = answer.context["bootstrap"]

    assert handed["user"]["name"] == "Alice"
    assert handed["project"]["role"] == Role.OWNER
    assert handed["labels"][0]["id"] == label.pk


# Forms ----------------------------------------------------------------------------------------------------------------


def label_form(**values):
    return {"name": "Cup", "color": "#336699", "hotkey": "7", "shapes": ["rectangle", "tag"], **values}


def test_a_new_project_opens_with_where_items_are_dropped_and_its_labels(owner):
    made = owner.post("/projects/new/", {"name": "Cats"})
    refused = owner.post("/projects/new/", {"name": "   "})

    address = f"/projects/{Project.objects.get().pk}/"
    assert made["HX-Redirect"] == address
    page = owner.get(address).content.decode()
    assert "Add images and texts" in page
    assert "Boxes on photos" in page
    assert "cannot be blank" in refused.content.decode()


def test_a_label_with_attributes_is_added_changed_and_removed(owner, project):
    rows = {
        "attribute_id": ["", "", ""],
        "attribute_name": ["Occluded", "  ", "Größe"],
        "attribute_kind": ["choice", "text", "number"],
        "attribute_options": ["No\r\n\r\n Partly \r\n", "", "ignored"],
    }

    added = owner.post(f"/projects/{project.pk}/labels/", label_form(**rows)).content.decode()
    label = project.labels.get()
    attributes = label.attributes
    changed = owner.post(f"/labels/{label.pk}/", label_form(name="Mug")).content.decode()
    label.refresh_from_db()
    removed = owner.post(f"/labels/{label.pk}/removal/", {"then": "keep"})

    assert "Add a label" in added
    assert attributes == [
        {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly"]},
        {"id": "gr_e", "name": "Größe", "kind": "number", "options": []},
    ]
    assert "Saved" in changed
    assert (label.name, label.attributes, label.version) == ("Mug", [], 2)
    assert removed.content == b""


def test_a_label_that_differs_from_another_only_in_capital_letters_or_spaces_says_so(owner, project):
    project.labels.create(name="CUP", color="#112233")
    page, api = f"/projects/{project.pk}/labels/", f"/api/projects/{project.pk}/labels/"

    added = owner.post(page, label_form()).content.decode()
    changed = owner.post(f"/labels/{project.labels.get(name='Cup').pk}/", label_form(name="Mug")).content.decode()
    several = owner.post(f"{page}several/", {"names": "tea  cup\nTea cup\nPot", "shapes": ["tag"]}).content.decode()
    answers = [owner.post(api, {"name": name}, "application/json").json() for name in ("Pan", "c up")]

    hint = "These labels differ only in capital letters or spaces: “CUP” / “Cup”."
    assert (added.count(hint), changed.count(hint)) == (1, 0)
    assert "only in capital letters or spaces: “Tea cup” / “tea  cup”." in several
    assert [answer["note"] for answer in answers] == ["", hint.replace("Cup", "c up")]


def test_a_label_that_cannot_be_keeps_what_was_typed_and_says_why(owner, project):
    form = label_form(hotkey="r", attribute_id=[""], attribute_name=["Kind"], attribute_kind=["choice"])

    page = owner.post(f"/projects/{project.pk}/labels/", form | {"attribute_options": [""]}).content.decode()

    assert "is a choice: give it options" in page
    assert 'value="Kind"' in page
    assert 'value="Cup"' in page


def test_a_hundred_attributes_of_one_name_are_refused_in_words(owner, project):
    rows = {"attribute_id": [""] * 100, "attribute_name": ["Kind"] * 100, "attribute_kind": ["text"] * 100}

    page = owner.post(f"/projects/{project.pk}/labels/", label_form(**rows, attribute_options=[""] * 100))

    assert "A label holds 20 attributes at most" in page.content.decode()


def test_members_are_added_changed_and_refused_in_the_page(owner, project, alice, bob, mallory):
    add = f"/projects/{project.pk}/members/"

    nobody = owner.post(add, {"username": "nobody", "role": 10}).content.decode()
    added = owner.post(add, {"username": "mallory", "role": 30}).content.decode()
    changed = owner.post(f"/members/{project.memberships.get(user=bob).pk}/", {"role": 30})
    last = owner.post(f"/members/{project.memberships.get(user=alice).pk}/remove/").content.decode()

    assert "Nobody has this user name" in nobody
    assert 'value="nobody"' in nobody and '<option value="10" selected>' in nobody.partition("add-member")[2]
    assert "Mallory" in added
    assert changed.status_code == 200
    assert project.memberships.get(user=bob).role == Role.REVIEWER
    assert "A project needs an owner" in last


def test_who_leaves_goes_home(client, project, vera):
    client.force_login(vera)

    left = client.post(f"/members/{project.memberships.get(user=vera).pk}/remove/")

    assert left["HX-Redirect"] == "/"


def test_those_who_may_not_change_the_settings_get_no_forms(client, project, bob):
    project.labels.create(name="Cup", color="#112233", shapes=["tag"])
    client.force_login(bob)

    page = read(client, f"/projects/{project.pk}/settings/")

    assert "You are annotator here" in page
    assert "Save</button>" not in page
    assert "Trash" not in page


# Demo -----------------------------------------------------------------------------------------------------------------


def test_the_demo_is_made_once_and_reset_by_its_owner(client):
    call_command("demo", "welcome")
    call_command("demo", "welcome")
    demo = Project.objects.get(demo="welcome")
    client.force_login(User.objects.get(username="olivia"))

    answer = client.post(f"/projects/{demo.pk}/reset/")

    fresh = Project.objects.get(demo="welcome", trashed_at=None)
    assert answer["HX-Redirect"] == f"/projects/{fresh.pk}/"
    assert fresh.pk != demo.pk
    assert sorted(fresh.memberships.values_list("user__username", "role")) == [("olivia", 50), ("sam", 20)]
    assert fresh.items.count() == demo.items.count() == 16
    drawn = Annotation.objects.filter(sheet__item__project=fresh)
    assert {label.name for label in fresh.labels.filter(annotations__in=drawn)} > {"Person", "Place", "Outdoors"}
    assert drawn.values("created_by").distinct().count() == 2


def test_a_demo_is_reset_without_who_was_banned(client):
    call_command("demo", "welcome")
    User.objects.filter(username="sam").update(is_active=False)
    client.force_login(User.objects.get(username="olivia"))

    welcome = Project.objects.filter(demo="welcome")
    answer = client.post(f"/projects/{welcome.get().pk}/reset/")

    assert answer.status_code == 200
    assert welcome.get(trashed_at=None).members.get().username == "olivia"


def test_only_a_demo_can_be_reset(owner, project):
    answer = owner.post(f"/projects/{project.pk}/reset/")

    assert answer.status_code == 403
    assert "Only a demo can be reset" in answer.content.decode()
