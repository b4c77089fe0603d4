"""Links that let people in, and what has become of those who opened them."""

from urllib.parse import urlsplit

from projects.models import Membership, Role
from projects.services import invitations


def link(alice, project, role=Role.ANNOTATOR, **limits):
    return urlsplit(invitations.address_of(invitations.invite(alice, project.pk, role=role, **limits))).path


def text(answer):
    return answer.content.decode()


def role_of(user, project):
    return Membership.objects.filter(user=user, project=project).values_list("role", flat=True).first()
