"""What others are told after commit, through the channel layer's groups `user.<id>` and `project.<id>`."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def session_ended(user_id: int, session_key: str | None) -> None:
    """The person signed out of one session, or of all (None), as after a change of password."""
    tell(f"user.{user_id}", {"type": "session.ended", "session": session_key})


def user_changed(user_id: int) -> None:
    """Password or name changed: every session must prove itself anew."""
    session_ended(user_id, None)


def access_changed(project_id: int) -> None:
    """A role is another, or something is in the trash: who may see what must be read from the database."""
    tell(f"project.{project_id}", {"type": "access.changed", "project": project_id})


def labels_changed(project_id: int) -> None:
    tell(f"project.{project_id}", {"type": "labels.changed", "project": project_id})


def tell(group: str, message: dict[str, object]) -> None:
    """After commit, and robustly: what is committed stays done even while Valkey is away."""
    transaction.on_commit(lambda: async_to_sync(get_channel_layer().group_send)(group, message), robust=True)
