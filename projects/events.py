"""What others are told after commit, through the channel layer's groups `user.<id>` and `project.<id>`."""

import asyncio
from collections.abc import Iterable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.dispatch import Signal

items_added = Signal()  # uploaded, imported, copied or moved here: their ids as `items`, of a `project`
items_restored = Signal()  # from the trash, or from another project: the ids of `items`
project_erased = Signal()  # for good: `project`, whose row stays
items_erased = Signal()  # for good: `items`, whose rows stay
attributes_changed = Signal()  # of a label, with `user`, `label`, the attributes `before` and what was `told` of it
asked_to_join = Signal()  # someone waits for the managers: `asked`, a JoinRequest
items_assigned = Signal()  # by `user`, in a `project`, by an `action`: `given`, the items by whose they are now
join_answered = Signal()  # they have answered: `asked`
relabelled = Signal()  # many annotations of a `project` at once, or that was taken back
demo_built = Signal()  # a demo was made: its `project` and `owner`
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


def send(group: str, message: dict[str, object]) -> None:
    send_all([(group, message)])


@async_to_sync
async def send_all(messages: Iterable[tuple[str, dict[str, object]]]) -> None:
    """One after the other in one event loop: to begin one takes longer than to send."""
    layer = get_channel_layer()
    async with asyncio.timeout(PATIENCE):
        for group, message in messages:
            await layer.group_send(group, message)
