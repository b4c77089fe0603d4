"""A detector as a node of its own: it looks at the whole item."""

from collections.abc import Mapping, Sequence
from typing import Any

from detectors.found import Found, Kind
from detectors.pipelines import looking
from detectors.pipelines.steps import Given, Labels, Made, Port


class Look:
    ports = {"in": Port("item")}
    looks = True

    def __init__(self, kind: str, config: dict[str, Any], made: Made) -> None:
        self.detector = looking.Inner(kind, config).made(made)
        self.title = self.detector.title
        self.config = looking.Inner(kind, looking.filled(self.detector, config))

    def misfits(self, kind: Kind) -> dict[str, str]:
        return looking.misfits(self.detector, kind, "")

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        return looking.finds(self.detector)

    def run(self, batch: Sequence[Given]) -> list[Found]:
        contents = [given.content for given in batch if given.content is not None]
        return looking.look(self.detector, [(content, looking.whole(content)) for content in contents])
