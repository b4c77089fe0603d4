"""What others are told after commit, through the channel layer's groups `user.<id>` and `project.<id>`."""

import asyncio

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.dispatch import Signal

items_restored = Signal()  # from the trash, or from another project: the ids of `items`
project_erased = Signal()  # for good: `project`, whose row stays
items_erased = Signal()  # for good: `items`, whose rows stay
attributes_changed = Signal()  # of a label, with `user`, `label`, the attributes `before` and what was `told` of it
asked_to_join = Signal()  # someone waits for the managers: `asked`, a JoinRequest
items_assigned = Signal()  # by `user`, in a `project`, by an `action`: `given`, the items by whose they are now
join_answered = Signal()  # they have answered: `asked`
PATIENCE = 2  # seconds with a Valkey that does not answer


def signed_out(user_id: int) -> None:
    """Of a session, or of all as by a new password: each must prove itself anew."""
    tell(f"user.{user_id}", {"type": "session.ended"})


def access_changed(project_id: int) -> None:
    """A role is another, or something is in the trash: who may see what must be read from the database."""
    tell(f"project.{project_id}", {"type": "access.changed"})


def labels_changed(project_id: int) -> None:
    """Labels, or the guidelines for them."""
    tell(f"project.{project_id}", {"type": "labels.changed", "project": project_id})


def tell(group: str, message: dict[str, object]) -> None:
    """After commit, and robustly: what is committed stays done even while Valkey is away."""
    transaction.on_commit(lambda: send(group, message), robust=True)


@async_to_sync
async def send(group: str, message: dict[str, object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await get_channel_layer().group_send(group, message)
