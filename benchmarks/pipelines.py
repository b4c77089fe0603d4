"""Runs of pipelines: items a second against the bare loop that calls the same detector, with one worker process and
with two; what it costs to change the last node, an empty pipeline, and the worker's memory over many items."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.report import Figure, arguments, report
from config.supervisor import programs
from config.supervisor.services import Services
from tests.services import discard, manage, throwaway

SEED = """
import io, random
from hashlib import sha256
import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image
from projects.models import *
from skimage import data
user = User.objects.create(username="bench", name="Bench")
project = Project.objects.create(name="Images")
project.memberships.create(user=user, role=Role.OWNER)
project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
photo = Image.fromarray(data.astronaut())
pictures = []
for n in range(20):
    stored = io.BytesIO()
    photo.rotate(n, resample=Image.Resampling.BILINEAR).save(stored, "JPEG")
    media = Media.objects.create(sha256=sha256(stored.getvalue()).hexdigest(), content_type="image/jpeg",
                                 size=len(stored.getvalue()), width=512, height=512)
    default_storage.save(media.path, ContentFile(stored.getvalue()))
    pictures.append(media.pk)
texts = Project.objects.create(name="Texts")
texts.memberships.create(user=user, role=Role.OWNER)
texts.labels.create(name="Cup", color="#f4b740", shapes=["span"])
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO projects_item (project_id, kind, name, media_id, width, height, created_by_id,"
        " created_at) SELECT %s, 'image', n || '.jpg', (%s::text[])[1 + n %% 20], 512, 512, %s, now()"
        " FROM generate_series(1, %s) n", [project.pk, pictures, user.pk, {images}])
    cursor.execute("INSERT INTO projects_item (project_id, kind, name, text, created_by_id, created_at)"
        " SELECT %s, 'text', n || '.txt', n || ': one cup, two cups', %s, now() FROM generate_series(1, %s) n",
        [texts.pk, user.pk, {texts}])
    cursor.execute("VACUUM ANALYZE")
print(user.pk, project.pk, texts.pk)
"""

START = """
from detectors import running, saving
from projects.models import User
user = User.objects.get(pk={user})
version = saving.save(user, {project}, name="Bench", graph={graph})
items = None if {only} is None else list(version.pipeline.project.items.values_list("pk", flat=True)[:{only}])
print(running.start(user, version.pipeline_id, items).pk)
"""

# Seconds that the detector takes for the project's items, one after the other, decoded as a run does.
BARE = """
import time
from detectors.kinds.registry import made
from detectors.working import given_of
from projects.models import Item
node = {detector}
detector = made(node["kind"], node["config"])
items = list(Item.objects.filter(project={project}).select_related("media").order_by("pk"))
detector.detect([given_of(items[0]).load()])
start = time.perf_counter()
for at in range(0, len(items), 16):
    detector.detect([given_of(item).load() for item in items[at:at + 16]])
print(time.perf_counter() - start)
"""


@dataclass
class Place:
    services: Services
    user: int
    images: int
    texts: int

    def shell(self, code: str) -> str:
        return manage(self.services.env(), "shell", "--verbosity=0", "-c", code).splitlines()[-1]

    def query(self, sql: str) -> tuple[Any, ...]:
        with closing(psycopg2.connect(self.services.postgres.url())) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() or ()

    @contextmanager
    def worker(self, processes: int) -> Iterator[int]:
        """One with so many processes and nothing else to do; its process id."""
        part = programs.worker(self.services.instance.logs, self.services.env())
        part.command = [word for word in part.command if "--concurrency" not in word] + [f"--concurrency={processes}"]
        part.start()
        try:
            self.run(self.texts, graph("text", expression("begin")), only=1)  # it has begun, and its libraries are read
            yield part.pid
        finally:
            part.stop()

    def run(
        self,
        project: int,
        pipeline: dict[str, Any],
        *,
        only: int | None = None,
        watch: Callable[[float], None] = lambda share: None,
    ) -> float:
        """Seconds from the first shard's beginning to the last one's end."""
        pk = self.shell(START.format(user=self.user, project=project, graph=pipeline, only=only))
        shards = f"FROM detectors_shard WHERE run_id = {int(pk)}"
        while True:
            done, count = self.query(f"SELECT count(done_at), count(*) {shards}")
            watch(done / count)
            if done == count:
                break
            time.sleep(0.5)
        failed, seconds = self.query(
            f"SELECT (SELECT count(*) FROM detectors_failure WHERE run_id = {int(pk)}),"
            f" extract(epoch FROM max(done_at) - min(done_at - seconds * interval '1 second'))::float8 {shards}"
        )
        if failed:
            raise RuntimeError(f"{failed} items failed.")
        return float(seconds)


def graph(of: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    """A chain."""
    named = [{"id": "items", "kind": "items", "config": {"of": of}}]
    named += [{"id": f"n{number}", **node} for number, node in enumerate(nodes)]
    edges = [{"source": one["id"], "target": other["id"]} for one, other in pairwise(named)]
    return {"nodes": named, "edges": edges}


def faces(neighbours: int) -> dict[str, Any]:
    return {"kind": "faces", "config": {"label": "Face", "neighbours": neighbours}}


def expression(pattern: str) -> dict[str, Any]:
    return {"kind": "expression", "config": {"pattern": pattern, "label": "Cup"}}


def sure(least: float) -> dict[str, Any]:
    return {"kind": "filter", "config": {"scores": [least, 1]}}


def memory(pid: int) -> float:
    """MB of a process and its children, what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
    return own + sum(memory(int(child)) for child in children)


def main() -> None:
    options = arguments(__doc__)
    images, texts = (100, 2_000) if options.quick else (1_000, 100_000)
    services = throwaway(durable=True)
    try:
        services.start()
        manage(services.env(), "migrate", "--verbosity=0")
        seed = SEED.replace("{images}", str(images)).replace("{texts}", str(texts))
        told = manage(services.env(), "shell", "--verbosity=0", "-c", seed)
        place = Place(services, *map(int, told.splitlines()[-1].split()))
        bare = images / float(place.shell(BARE.format(detector=faces(5), project=place.images)))
        with place.worker(1) as pid:
            first = place.run(place.images, graph("image", faces(5), sure(0.1)))
            last = place.run(place.images, graph("image", faces(5), sure(0.2)))
            taken: list[tuple[float, float]] = []
            empty = place.run(
                place.texts,
                graph("text", expression("never")),
                watch=lambda share: taken.append((share, memory(pid))),
            )
        with place.worker(2):
            both = place.run(place.images, graph("image", faces(6), sure(0.1)))
    finally:
        discard(services)
    early = next(used for share, used in taken if share >= 0.1)
    figures = [
        Figure("faces, one process", images / first, "1/s", bare, 0.9 * bare, higher=True),
        Figure("faces, two processes", images / both, "1/s", images / first, 1.8 * images / first, higher=True),
        Figure(f"the last node changed, {images:,} images", 100 * last / first, "% of the first", goal=5),
        Figure(f"an expression that finds nothing, {texts:,} texts", 1_000 * empty / texts, "ms an item", goal=1),
        Figure("memory: from a tenth of these items on, more", taken[-1][1] - early, "MB", early, goal=10),
    ]
    report(figures, options.json)


if __name__ == "__main__":
    main()
