"""Carries a pipeline out on many items, batch by batch."""

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from detectors.found import Found, Kind
from detectors.pipelines.checking import Plan, checked
from detectors.pipelines.graph import Graph, Mistake
from detectors.pipelines.steps import Content, Given, Made
from projects.errors import Away, Invalid, Refusal

BATCH = 16
MOST_BYTES = 256_000_000  # of images that are held at a time
ROWS = 32  # bits of a key that number a node's rows; those above tell the node


class Cache(Protocol):
    def get(self, key: str, /) -> Found | None: ...

    def __setitem__(self, key: str, found: Found, /) -> None: ...


At = Callable[[str, list[Any]], object]


@dataclass(frozen=True, slots=True)
class Item:
    """`digest` tells its content, so that what was found in it is known again. It is loaded when a node looks at it."""

    key: Hashable
    digest: str
    load: Callable[[], Content]


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why a node has nothing for an item. Those after it have nothing either."""

    item: Hashable
    node: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in an item, by node, for those nodes that were asked for."""

    item: Hashable
    found: dict[str, Found]
    errors: list[ItemError]


@dataclass(slots=True)
class Tally:
    """What a node has done so far. Seconds are wall time."""

    items: int = 0
    found: int = 0
    cached: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Job:
    """An item at work."""

    item: Item
    needs: set[str]
    found: dict[str, Found]
    content: Content | None = None
    errors: list[ItemError] = field(default_factory=list)


class Mistaken(Invalid):
    """The graph doesn't fit together."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(mistakes[0].detail)
        self.mistakes = mistakes


def never() -> bool:
    return False


def unsaid(node: str, items: list[Any]) -> None: ...


def execute(
    graph: Graph,
    items: Iterable[Item],
    made: Made,
    cache: Cache | None = None,
    *,
    wanted: Collection[str] | None = None,
    cancelled: Callable[[], bool] = never,
    batch: int = BATCH,
) -> "Execution":
    """Carries a graph out. Raises Mistaken when it doesn't fit together; `made` as for checking.checked."""
    plan, mistakes = checked(graph, made)
    if plan is None:
        raise Mistaken(mistakes)
    return Execution(plan, items, cache, wanted=wanted, cancelled=cancelled, batch=batch)


class Execution:
    """Gives an Outcome for each item, in their order; made to be gone through once.

    `wanted` are the nodes whose finds are given, else the results. What the cache holds is not found again, nor what
    only led there, and is loaded only if a node looks at it. Between batches `cancelled` is asked, and a yes ends it.
    What fails for an item ends that item's part alone. `tallies` tell what each node has done so far; `at` is told
    which node comes to which items.
    """

    def __init__(
        self,
        plan: Plan,
        items: Iterable[Item],
        cache: Cache | None = None,
        *,
        wanted: Collection[str] | None = None,
        cancelled: Callable[[], bool] = never,
        at: At = unsaid,
        batch: int = BATCH,
    ) -> None:
        self.plan, self.items, self.cache = plan, items, cache
        self.wanted = [id_ for id_ in plan.order if id_ in (plan.results if wanted is None else wanted)]
        self.cancelled, self.at, self.size = cancelled, at, batch
        self.tallies = {id_: Tally() for id_ in (plan.items, *plan.order)}

    def __iter__(self) -> Iterator[Outcome]:
        waiting = iter(self.items)
        while not self.cancelled() and (jobs := self.begin(waiting)):
            for node in self.plan.order:
                self.run(node, jobs)
            for job in jobs:
                job.content = None
            for job in jobs:
                found = {id_: job.found[id_] for id_ in self.wanted if id_ in job.found}
                yield Outcome(job.item.key, found, job.errors)

    def begin(self, waiting: Iterator[Item]) -> list[Job]:
        """The next batch: as many items as fit."""
        jobs: list[Job] = []
        held = 0
        while len(jobs) < self.size and held < MOST_BYTES and (item := next(waiting, None)) is not None:
            job = self.job(item)
            jobs.append(job)
            if any(self.plan.steps[id_].looks for id_ in job.needs):
                self.load(job)
                held += getattr(job.content, "nbytes", 0)
        return jobs

    def job(self, item: Item) -> Job:
        """What must be found, from the ends on: nothing that only leads to what is known."""
        job = Job(item, needs=set(), found={})
        asked = set(self.wanted)
        for node in reversed(self.plan.order):
            if node not in asked:
                continue
            known = None if self.cache is None else self.cache.get(self.known_by(node, item))
            if known is not None:
                job.found[node] = known
                self.count(node, known, cached=1)
            else:
                job.needs.add(node)
                asked.update(source for feeds in self.plan.inputs[node].values() for source, _ in feeds)
        return job

    def known_by(self, node: str, item: Item) -> str:
        return f"{self.plan.hashes[node]}/{item.digest}"

    def load(self, job: Job) -> None:
        tally, start = self.tallies[self.plan.items], time.perf_counter()
        self.at(self.plan.items, [job.item.key])
        try:
            job.content = of_kind(job.item.load(), self.plan.kind)
            tally.items += 1
        except Exception as error:  # noqa: BLE001  (a file may be broken in any way, and is one item's matter)
            self.fail(self.plan.items, job, error)
            job.needs = set()
        tally.seconds += time.perf_counter() - start

    def run(self, node: str, jobs: list[Job]) -> None:
        feeding = {source for feeds in self.plan.inputs[node].values() for source, _ in feeds} - {self.plan.items}
        ready = [job for job in jobs if node in job.needs and feeding <= job.found.keys()]
        if not ready:
            return
        start = time.perf_counter()
        self.attempt(node, ready)
        self.tallies[node].seconds += time.perf_counter() - start

    def attempt(self, node: str, jobs: list[Job]) -> None:
        """All at once; where that fails one by one, so that the others get what is found in them. What is away for all
        of them is not asked for each."""
        self.at(node, [job.item.key for job in jobs])
        try:
            answers = self.plan.steps[node].run([self.given(node, job) for job in jobs])
        except Exception as error:  # noqa: BLE001  (detectors may be anybody's, and fail in any way)
            for job in jobs:
                if len(jobs) == 1 or isinstance(error, Away):
                    self.fail(node, job, error)
                else:
                    self.attempt(node, [job])
            return
        for job, answer in zip(jobs, answers, strict=True):
            found = keyed(answer, self.plan.hashes[node])
            job.found[node] = found
            self.count(node, found)
            if self.cache is not None:
                self.cache[self.known_by(node, job.item)] = found

    def given(self, node: str, job: Job) -> Given:
        feeds = self.plan.inputs[node]
        found = {
            port: tuple(job.found[source] for source, _ in some)
            for port, some in feeds.items()
            if all(source in job.found for source, _ in some)
        }
        weights = {port: tuple(weight for _, weight in some) for port, some in feeds.items()}
        return Given(job.content if self.plan.steps[node].looks else None, found, weights)

    def count(self, node: str, found: Found, cached: int = 0) -> None:
        tally = self.tallies[node]
        tally.items += 1
        tally.found += len(found)
        tally.cached += cached

    def fail(self, node: str, job: Job, error: Exception) -> None:
        self.tallies[node].failed += 1
        why = str(error.detail) if isinstance(error, Refusal) else str(error) or type(error).__name__
        why = f"it needs more memory than it may have ({why})" if isinstance(error, MemoryError) else why
        job.errors.append(ItemError(job.item.key, node, f"{self.plan.names[node]} could not do this item: {why}"))


def of_kind(content: Content, kind: Kind) -> Content:
    if isinstance(content, str) != (kind == "text"):
        raise ValueError(f"The pipeline looks at {kind}s, and this is none.")
    return content


def keyed(found: Found, hash_: str) -> Found:
    """Each with a key of its own, made of node and row, where it has none yet."""
    if found.keys is not None:
        return found
    return replace(found, keys=(int(hash_[:7], 16) << ROWS) + np.arange(len(found), dtype=np.int64))
