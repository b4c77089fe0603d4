"""Sharing a project by a link, and joining by it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from projects.errors import Invalid
from projects.models import Change, Invitation, JoinRequest, Role, User
from projects.services import asking, invitations, members, people, projects
from tests.joining import link, role_of, text
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_who_came() -> None:
    cache.clear()


def test_whoever_opens_the_link_gives_a_name_and_is_in(client, alice, project):
    path = link(alice, project)

    looked = client.get(path)
    joined = client.post(path, {"name": "  Zoë Müller "}, follow=True)

    assert "Kitchen safety" in text(looked) and "Alice invites you to join as annotator" in text(looked)
    assert joined.redirect_chain == [(f"/projects/{project.pk}/", 302)]
    zoe = User.objects.get(name="Zoë Müller")
    assert (zoe.username, zoe.has_usable_password(), role_of(zoe, project)) == ("zoë.müller", False, Role.ANNOTATOR)
    assert Change.objects.filter(project=project, kind="membership", actor=zoe).count() == 1
    assert client.get("/api/me/").json()["username"] == "zoë.müller"


def test_two_who_join_under_one_name_in_the_same_instant_are_both_in(client, alice, project):
    """The other is a moment ahead, and not yet committed when the name is looked for."""
    secret = link(alice, project).split("/")[2]
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            people.create("zoë", name="Zoë")
            joining = pool.submit(join_elsewhere, secret, "Zoë")
            until(waiting_for_a_lock)

        assert joining.result() == "zoë2"


def join_elsewhere(secret, name):
    try:
        return invitations.join(secret, None, name=name).user.username
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("דוד 🦊 Ben", "דוד.ben"),
        ("😀", "person"),
        ("bob", "bob2"),
        ("דנה לוי", "דנה.לוי"),
        ("<b>Eve</b>", "beveb"),
        ("a" * 150, "a" * 100),
    ],
)
def test_a_user_name_is_made_from_any_name(client, alice, bob, project, name, username):
    client.post(link(alice, project), {"name": name})

    assert User.objects.get(name=name).username == username


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "Write your name"), ("   ", "Write your name"), ("a" * 151, "at most 150"), ("a\0b", "NUL")],
)
def test_a_name_that_does_not_do_is_said_and_nobody_joins(client, alice, project, name, why):
    answer = client.post(link(alice, project), {"name": name})

    assert answer.status_code == 400
    assert why in text(answer)
    assert Invitation.objects.get().uses == 0
    assert not User.objects.exclude(username__in=["alice", "bob", "rita", "vera"]).exists()


def test_who_is_signed_in_joins_under_their_own_name_and_once(client, alice, mallory, project):
    path = link(alice, project)
    client.force_login(mallory)

    assert "Join as Mallory" in text(client.get(path))
    for _ in range(2):
        assert client.post(path).headers["Location"] == f"/projects/{project.pk}/"

    assert role_of(mallory, project) == Role.ANNOTATOR
    assert Invitation.objects.get().uses == 1


def test_a_member_keeps_the_role_they_have(client, alice, rita, project):
    client.force_login(rita)

    client.post(link(alice, project, Role.VIEWER))

    assert role_of(rita, project) == Role.REVIEWER


def test_a_link_is_good_for_so_many(alice, project):
    path = link(alice, project, most_uses=2)

    answers = [Client().post(path, {"name": name}) for name in ("Ann", "Ben", "Cy")]

    assert [answer.status_code for answer in answers] == [302, 302, 410]
    assert "as many people as it may" in text(answers[2])
    assert not User.objects.filter(name="Cy").exists()


def test_an_expired_a_revoked_and_a_guessed_link_say_so(client, alice, project):
    expired, revoked, trashed = link(alice, project, lifetime=timedelta(hours=1)), link(alice, project), "/join/1.x/"
    Invitation.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now())
    invitations.revoke(alice, project.pk, Invitation.objects.get(expires_at=None).pk)

    answers = [client.get(path) for path in (expired, revoked, trashed, "/join/nonsense/", "/join/1.2.3/")]

    assert [answer.status_code for answer in answers] == [410, 410, 404, 404, 404]
    assert "has expired" in text(answers[0])
    assert "taken back" in text(answers[1])
    assert "not known here" in text(answers[2])


def test_a_link_into_the_trash_leads_nowhere(client, alice, project):
    path = link(alice, project)
    project.trashed_at = timezone.now()
    project.save()

    answer = client.post(path, {"name": "Late"})

    assert (answer.status_code, "not here any more" in text(answer)) == (404, True)


def test_only_so_many_join_from_one_network_at_a_time(alice, project, settings):
    path = link(alice, project)
    settings.ACCOUNT_RATE_LIMITS = {"join": "3/h/ip"}

    codes = [Client().post(path, {"name": f"Guest {n}"}).status_code for n in range(4)]

    assert codes == [302] * 3 + [400]


def test_the_share_dialog_makes_a_link_shows_its_code_and_takes_it_back(client, alice, project):
    client.force_login(alice)
    share = f"/projects/{project.pk}/share/"

    assert "Make a link" in text(client.get(share))
    made = text(client.post(share, {"role": 20, "hours": 24, "most_uses": 5}))
    row = Invitation.objects.get()
    assert "<svg" in made and invitations.address_of(row) in made and "Not used yet, good for 5" in made
    assert timedelta(hours=23) < row.expires_at - timezone.now() <= timedelta(hours=24)

    left = text(client.post(f"{share}{row.pk}/revoke/"))
    assert "<svg" not in left.split("new-link")[0].replace('class="icon"', "")
    assert invitations.address_of(row) not in left


def test_a_manager_invites_to_no_higher_role_than_they_may_give(client, alice, bob, project):
    project.memberships.filter(user=bob).update(role=Role.MANAGER)
    client.force_login(bob)

    codes = [client.post(f"/projects/{project.pk}/share/", {"role": role}).status_code for role in (30, 40, 50)]

    assert codes == [200, 403, 403]
    assert Invitation.objects.get().role == Role.REVIEWER


def test_a_manager_does_not_see_a_link_that_would_make_them_owner(client, alice, bob, project):
    project.memberships.filter(user=bob).update(role=Role.MANAGER)
    addresses = [link(alice, project, role) for role in (Role.OWNER, Role.MANAGER, Role.REVIEWER)]
    client.force_login(bob)

    shown = text(client.get(f"/projects/{project.pk}/share/"))

    assert [address in shown for address in addresses] == [False, False, True]


def test_every_open_link_is_listed_however_many_were_sent_by_mail(client, alice, project):
    shared = link(alice, project)
    for number in range(25):
        invitations.invite(alice, project.pk, role=Role.VIEWER, email=f"a{number}@example.org")
    client.force_login(alice)

    shown = text(client.get(f"/projects/{project.pk}/share/"))

    assert shared in shown.split("<ul")[0]
    assert shown.count("hx-confirm") == 26


def test_a_choice_that_is_none_is_refused_and_not_taken_as_without_end(client, alice, project):
    client.force_login(alice)

    told = client.post(f"/projects/{project.pk}/share/", {"role": 20, "hours": "9" * 5_000})

    assert "Choose one of the list." in text(told)
    assert not Invitation.objects.exists()


def test_who_was_removed_comes_back_only_when_let_in(client, alice, bob, project):
    """Not by a link of another, and their own lets nobody in any more."""
    project.memberships.filter(user=bob).update(role=Role.MANAGER)
    own, others = link(bob, project, Role.VIEWER), link(alice, project)
    members.remove(alice, project.memberships.get(user=bob).pk)
    client.force_login(bob)

    assert "taken back" in text(client.get(own))
    answer = client.post(others)
    assert (answer.status_code, "You were removed" in text(answer)) == (410, True)
    client.post(f"{others}ask/")
    asking.answer(alice, project.pk, JoinRequest.objects.get().pk, role=Role.VIEWER)
    assert role_of(bob, project) == Role.VIEWER


def test_who_left_comes_back_by_a_link(client, alice, bob, project):
    members.remove(bob, project.memberships.get(user=bob).pk)
    client.force_login(bob)

    client.post(link(alice, project))

    assert role_of(bob, project) == Role.ANNOTATOR


def test_who_leaves_with_a_lowered_role_does_not_win_it_back_by_an_older_link(client, alice, mallory, project):
    older = link(alice, project, Role.REVIEWER)
    client.force_login(mallory)
    client.post(older)
    members.change(alice, project.memberships.get(user=mallory).pk, role=Role.VIEWER)
    members.remove(mallory, project.memberships.get(user=mallory).pk)

    client.post(older)
    assert role_of(mallory, project) == Role.VIEWER
    members.remove(mallory, project.memberships.get(user=mallory).pk)
    client.post(link(alice, project, Role.ANNOTATOR))

    assert role_of(mallory, project) == Role.ANNOTATOR


def test_who_is_lowered_lets_nobody_in_by_links_that_they_could_not_make_any_more(client, alice, bob, project):
    membership = project.memberships.get(user=bob)
    members.change(alice, membership.pk, role=Role.OWNER)
    to_manager, to_reviewer = link(bob, project, Role.MANAGER), link(bob, project, Role.REVIEWER)

    members.change(alice, membership.pk, role=Role.MANAGER)
    assert ("taken back" in text(client.get(to_manager)), "taken back" in text(client.get(to_reviewer))) == (
        True,
        False,
    )
    members.change(alice, membership.pk, role=Role.ANNOTATOR)
    assert "taken back" in text(client.get(to_reviewer))


@pytest.mark.parametrize("leave", [True, False])
def test_who_hands_a_project_over_does_not_come_back_as_owner_by_their_own_link(client, alice, bob, project, leave):
    own = link(alice, project, Role.OWNER)

    members.hand_over(alice, project.pk, to=project.memberships.get(user=bob).pk, leave=leave)

    assert "taken back" in text(client.get(own))


def test_a_purged_project_keeps_no_addresses_and_nobody_who_asked(alice, mallory, project):
    invitations.invite(alice, project.pk, role=Role.VIEWER, email="ann@example.org")
    JoinRequest.objects.create(project=project, user=mallory)
    projects.trash(alice, project.pk)

    projects.purge(alice, project.pk)

    assert Invitation.objects.get().email == ""
    assert not JoinRequest.objects.exists()


def test_an_invitation_goes_out_by_mail_and_lets_one_in(client, alice, project):
    client.force_login(alice)

    wrong = client.post(f"/projects/{project.pk}/share/", {"role": 20, "email": "no address"})
    sent = client.post(f"/projects/{project.pk}/share/", {"role": 20, "hours": 720, "email": "Ann@Example.org"})

    assert "valid email address" in text(wrong)
    assert "on its way to ann@example.org" in text(sent)
    [letter] = mail.outbox
    assert letter.to == ["ann@example.org"]
    assert letter.subject == "Alice invites you to Kitchen safety"
    assert invitations.address_of(Invitation.objects.get()) in letter.body
    assert Invitation.objects.get().most_uses == 1
    again = client.post(f"/projects/{project.pk}/share/", {"role": 20, "email": "ann@example.org"})
    assert "ann@example.org is invited already." in text(again)
    assert len(mail.outbox) == 1


def test_an_invitation_that_cannot_be_sent_stands_and_that_is_said(client, alice, project, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1  # nobody listens
    client.force_login(alice)

    told = text(client.post(f"/projects/{project.pk}/share/", {"role": 20, "email": "ann@example.org"}))

    assert "could not send the e-mail" in told
    assert invitations.address_of(Invitation.objects.get()) in told


def test_a_server_without_e_mail_says_so(client, alice, project, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    client.force_login(alice)

    told = text(client.post(f"/projects/{project.pk}/share/", {"role": 20, "email": "ann@example.org"}))

    assert "could not send the e-mail" in told


def test_only_so_many_invitations_go_out_in_an_hour(client, alice, project, settings):
    settings.ACCOUNT_RATE_LIMITS = {"invite": "1/h/user"}
    client.force_login(alice)

    for name in ("ann", "ben"):
        told = client.post(f"/projects/{project.pk}/share/", {"role": 20, "email": f"{name}@example.org"})

    assert "You have sent many invitations." in text(told)
    assert [letter.to for letter in mail.outbox] == [["ann@example.org"]]


@pytest.mark.parametrize("limits", [{"lifetime": timedelta(days=400)}, {"lifetime": timedelta(0)}, {"most_uses": 0}])
def test_limits_that_are_none_are_refused(alice, project, limits):
    with pytest.raises(Invalid):
        invitations.invite(alice, project.pk, role=Role.VIEWER, **limits)


def test_the_members_are_listed_with_when_they_were_last_seen(client, alice, bob, project):
    visitor = Client()
    visitor.force_login(bob)
    visitor.get(f"/projects/{project.pk}/")
    client.force_login(alice)

    page = text(client.get(f"/projects/{project.pk}/settings/"))

    assert "bob · seen now" in page
    assert "rita · seen" not in page
