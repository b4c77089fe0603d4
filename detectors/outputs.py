"""What nodes found, kept under the hash of what made it so: to change the last step never repeats the first."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from detectors.found import Found
from detectors.models import Output
from detectors.packing import unpacked
from detectors.pipelines.checking import Outline
from projects.models import Item

KEPT = timedelta(days=30)


def still_there(items: Iterable[int]) -> set[int]:
    """Those that have not been purged; until the transaction ends none is."""
    found = Item.objects.select_for_update(no_key=True).filter(pk__in=set(items), purged_at=None).order_by("pk")
    return set(found.values_list("pk", flat=True))


def forget_old() -> None:
    """They are found anew when somebody wants them; most are of pipelines that have gone on."""
    Output.objects.filter(made_at__lt=timezone.now() - KEPT).delete()


class Outputs:
    """What is known of some items, packed: read at once, and what is new written at once. By a node's hash and an
    item's id, as detectors.pipelines.executing names it."""

    def __init__(self, items: Iterable[int], nodes: Iterable[str]) -> None:
        rows = Output.objects.filter(item__in=list(items), node__in=list(nodes)).values_list("node", "item", "found")
        self.known = {f"{node}/{item}": bytes(found) for node, item, found in rows}
        self.new: set[str] = set()

    def add(self, key: str, found: bytes) -> None:
        self.known[key] = found
        self.new.add(key)

    def found(self, plan: Outline, item: int, nodes: Iterable[str] | None = None) -> dict[str, Found]:
        """What these nodes, or the results, found in an item, where that is known."""
        keys = {node: f"{plan.hashes[node]}/{item}" for node in (plan.results if nodes is None else nodes)}
        return {node: unpacked(self.known[key]) for node, key in keys.items() if key in self.known}

    @transaction.atomic
    def write(self) -> None:
        rows = []
        for key in sorted(self.new):
            node, _, item = key.partition("/")
            rows.append(Output(item_id=int(item), node=node, found=self.known[key]))
        there = still_there(row.item_id for row in rows)
        Output.objects.bulk_create([row for row in rows if row.item_id in there], ignore_conflicts=True)
