"""Sheets over HTTP: opening, annotations, operations, status and log."""

import json
import re
from uuid import uuid4

import pytest
from django.db import IntegrityError
from knox.models import AuthToken

from annotator import api, operations
from annotator.messages import Redo, Refused, RestoreTo, Undo
from annotator.models import Sheet
from tests.cast import photo, text

pytestmark = pytest.mark.django_db

BOX = {"type": "rectangle", "x": 10, "y": 20, "width": 30, "height": 40}


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])


@pytest.fixture
def sheet(project, alice):
    return Sheet.objects.create(item=photo(project, alice))


def batch(*operations):
    return {"id": str(uuid4()), "action": str(uuid4()), "operations": list(operations)}


def create(label, shape=BOX):
    return {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label.pk, "shape": shape}


def post(client, sheet, body):
    return client.post(f"/api/sheets/{sheet.pk}/operations/", body, content_type="application/json")


def test_opening_an_item_tells_its_sheet_and_its_neighbours(client, project, alice):
    first, second, third = photo(project, alice), text(project, alice, "שלום"), photo(project, alice)
    client.force_login(alice)

    opened = client.get(f"/api/items/{second.pk}/open/").json()

    assert (opened["previous"], opened["next"]) == (first.pk, third.pk)
    assert (opened["index"], opened["count"]) == (2, 3)
    assert (opened["text"], opened["media"]) == ("שלום", None)
    assert client.get(f"/api/items/{second.pk}/open/").json()["sheet"] == opened["sheet"]


def test_what_is_drawn_through_the_api_is_read_back(client, sheet, label, alice):
    client.force_login(alice)
    operation = create(label)

    answer = post(client, sheet, batch(operation))
    read = client.get(f"/api/sheets/{sheet.pk}/annotations/").json()

    assert answer.status_code == 200
    assert answer.json()["changes"][0]["record"]["shape"] == BOX
    assert [record["id"] for record in read["records"]] == [operation["annotation"]]
    assert client.get(f"/api/sheets/{sheet.pk}/annotations/?since={read['clock']}").json()["records"] == []


def test_a_program_signs_in_by_token(client, sheet, label, bob):
    _, token = AuthToken.objects.create(bob)
    headers = {"Authorization": f"Token {token}"}

    answer = client.post(
        f"/api/sheets/{sheet.pk}/operations/", batch(create(label)), "application/json", headers=headers
    )

    assert answer.status_code == 200
    assert client.get(f"/api/sheets/{sheet.pk}/log/", headers=headers).json()["entries"][0]["source"] == "api"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "cannot be read"),
        ("{}", "`id`"),
        ('{"operations": [{"shape": ' + "[" * 100_000, "nested too deeply"),
        (b'{"id": "\xff"}', "cannot be read"),
        ({"id": str(uuid4()), "action": str(uuid4()), "operations": []}, "length"),
        ({**batch({"type": "explode"}), "more": 1}, "explode"),
    ],
)
def test_a_request_that_cannot_be_read_says_why(client, sheet, alice, body, says):
    client.force_login(alice)

    answer = post(client, sheet, body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert says in answer.json()["detail"]


def test_a_refusal_has_its_status_code_and_sentence(client, sheet, label, alice, vera, mallory):
    client.force_login(alice)
    operation = create(label)
    post(client, sheet, batch(operation))

    outside = post(client, sheet, batch(create(label, BOX | {"x": -900})))
    assert (outside.status_code, outside.json()["code"], outside.json()["fields"]) == (
        400,
        "invalid",
        {"shape": "outside"},
    )
    reused = post(client, sheet, batch(operation | {"shape": BOX | {"x": 11}}))
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    for person, status in ((vera, 403), (mallory, 404)):
        client.force_login(person)
        assert post(client, sheet, batch(create(label))).status_code == status


@pytest.mark.parametrize(
    ("code", "status"),
    [("too_large", 413), ("too_fast", 429), ("error", 500), ("away", 503), ("moved_on", 409)],
)
def test_programs_see_by_the_status_whether_to_try_again(code, status):
    assert api.answer(Refused(id=None, sheet=1, code=code, detail="Try again.")).status_code == status


def test_a_sheet_of_an_impossible_number_is_not_there(client, label, alice):
    client.force_login(alice)

    answer = client.post(f"/api/sheets/{2**63}/operations/", batch(create(label)), content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_bad_number_in_the_address_is_told(client, sheet, alice):
    client.force_login(alice)

    answer = client.get(f"/api/sheets/{sheet.pk}/annotations/?since=yesterday")

    assert (answer.status_code, answer.json()["fields"]) == (400, {"since": "number"})


def test_the_log_comes_in_pages(client, sheet, label, alice):
    client.force_login(alice)
    for _ in range(52):
        post(client, sheet, batch(create(label)))

    first = client.get(f"/api/sheets/{sheet.pk}/log/").json()
    second = client.get(f"/api/sheets/{sheet.pk}/log/?before={first['entries'][-1]['clock']}").json()

    assert (len(first["entries"]), first["more"]) == (50, True)
    assert (len(second["entries"]), second["more"]) == (2, False)


def log(client, sheet):
    return client.get(f"/api/sheets/{sheet.pk}/log/").json()["entries"]


def set_status(client, sheet, status, reason=""):
    message = {"type": "set_status", "id": str(uuid4()), "sheet": sheet.pk, "status": status, "reason": reason}
    return client.post(f"/api/sheets/{sheet.pk}/status/", message, content_type="application/json")


def test_the_log_tells_in_their_place_the_statuses_that_someone_set(client, sheet, label, alice):
    client.force_login(alice)
    set_status(client, sheet, "done")
    set_status(client, sheet, "todo")
    post(client, sheet, batch(create(label)))  # in progress of itself
    set_status(client, sheet, "skipped", "too dark")
    post(client, sheet, batch(create(label)))

    told = log(client, sheet)
    older = client.get(f"/api/sheets/{sheet.pk}/log/?before={told[2]['clock']}").json()["entries"]

    expected = [(None, 1), ("skipped", 0), (None, 1), ("todo", 0), ("done", 0)]
    assert [(entry["status"], entry["count"]) for entry in told] == expected
    assert (told[1]["reason"], told[1]["actor"]["id"]) == ("too dark", alice.pk)
    assert older == told[3:]


def undo_or_redo(sheet, user, kind):
    operations.perform(sheet.pk, [operations.Request(user.pk, kind(id=uuid4(), sheet=sheet.pk))])


def test_the_log_tells_what_was_taken_back_and_done_again(client, project, sheet, label, alice):
    other = project.labels.create(name="Badge", color="#5ec8ff", shapes=["rectangle"])
    client.force_login(alice)
    drawn = create(label)
    post(client, sheet, batch(drawn))
    relabel = {"type": "update", "id": str(uuid4()), "annotation": drawn["annotation"], "label": other.pk}
    post(client, sheet, batch(relabel))
    for kind in (Undo, Undo, Redo, Undo, Redo, Redo):
        undo_or_redo(sheet, alice, kind)

    told = [(entry["source"], entry["parts"][0]["kind"], entry["parts"][0]["label"]) for entry in log(client, sheet)]

    was_drawn, was_relabelled = ("create", label.pk), ("update", other.pk)
    assert told == [
        ("redo", *was_relabelled),
        ("redo", *was_drawn),
        ("undo", *was_drawn),
        ("redo", *was_drawn),
        ("undo", *was_drawn),
        ("undo", *was_relabelled),
        ("api", *was_relabelled),
        ("api", *was_drawn),
    ]


def test_the_log_tells_that_a_restored_moment_was_taken_back(client, sheet, label, alice):
    client.force_login(alice)
    post(client, sheet, batch(create(label)))
    restore = RestoreTo(id=uuid4(), sheet=sheet.pk, clock=0)
    operations.perform(sheet.pk, [operations.Request(alice.pk, restore)])
    undo_or_redo(sheet, alice, Undo)

    told = [(entry["source"], entry["parts"][0]["source"]) for entry in log(client, sheet)]

    assert told == [("undo", "restore"), ("restore", "restore"), ("api", "api")]


def test_the_log_tells_a_polygon_of_more_vertices_from_one_that_was_moved(client, project, sheet, alice):
    label = project.labels.create(name="Suit", color="#c48bff", shapes=["polygon"])
    client.force_login(alice)
    corners = [[10, 10], [50, 10], [50, 50]]
    drawn = create(label, {"type": "polygon", "points": corners})
    post(client, sheet, batch(drawn))
    for points in ([[20, 10], *corners[1:]], [[20, 10], *corners[1:], [20, 50]]):
        shape = {"type": "polygon", "points": points}
        post(
            client,
            sheet,
            batch({"type": "update", "id": str(uuid4()), "annotation": drawn["annotation"], "shape": shape}),
        )

    assert [entry["parts"][0]["reshaped"] for entry in log(client, sheet)] == [True, False, False]


def test_the_database_keeps_no_status_that_is_none(sheet):
    with pytest.raises(IntegrityError):
        Sheet.objects.filter(pk=sheet.pk).update(status="lost")


def test_an_action_that_went_on_over_a_page_break_is_listed_once(client, sheet, label, alice):
    client.force_login(alice)
    long = batch(create(label))
    post(client, sheet, long)
    for _ in range(50):
        post(client, sheet, batch(create(label)))
    post(client, sheet, batch(create(label)) | {"action": long["action"]})

    first = client.get(f"/api/sheets/{sheet.pk}/log/").json()
    second = client.get(f"/api/sheets/{sheet.pk}/log/?before={first['entries'][-1]['clock']}").json()
    listed = [entry["action"] for entry in first["entries"] + second["entries"]]

    assert first["entries"][0]["action"] == long["action"]
    assert len(listed) == len(set(listed)) == 51


def test_a_sheet_is_set_done(client, sheet, bob):
    client.force_login(bob)

    answer = set_status(client, sheet, "done")

    assert answer.status_code == 200
    sheet.refresh_from_db()
    assert sheet.status == "done"


def test_the_description_of_the_api_says_in_a_line_what_each_address_is_for_and_how_programs_sign_in(client):
    told = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()

    summaries = [operation["summary"] for path in told["paths"].values() for operation in path.values()]
    assert all(0 < len(summary) <= 120 for summary in summaries)
    assert "Put the project into the trash (owners)" in summaries
    assert "`POST /api/tokens/`" in told["info"]["description"]


def test_the_description_of_the_api_says_what_sheets_hold_and_take(client):
    told = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()

    operations = told["paths"]["/api/sheets/{id}/operations/"]["post"]
    body = operations["requestBody"]["content"]["application/json"]["schema"]
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert body == {"$ref": "#/components/schemas/Batch"}
    assert told["components"]["schemas"]["Create"]["properties"]["type"] == {"enum": ["create"]}
    assert named <= told["components"]["schemas"].keys()
