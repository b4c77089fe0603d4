"""What a detector is."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Protocol

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind
from projects.errors import Invalid

Picture = NDArray[np.uint8]  # (height, width, 3), RGB, upright

MOST = 20_000  # of one item a detector gives no more: as many as a sheet holds. The surest, or first, stay

Label = Annotated[str, Meta(title="Label", description="What to call what is found.", min_length=1, max_length=100)]


# The digest of a file that the detector works with. The form gives the project's to choose from; pipelines name no
# others. A detector says of which kind: Annotated[WeightsDigest, Meta(title=..., extra_json_schema={"of": "learned"})]
WeightsDigest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", extra_json_schema={"format": "weights"})]


class Detector(Protocol):
    """Looks at images or texts, or regions of them, and says what it finds. The same batch gives the same every time.

    It is made of its configuration, `Config`, whose fields' types and `Meta` (title, description, bounds) also make the
    form in the page. What is wrong with the configuration it says at once, by raising projects.errors.Invalid with the
    field's name and a sentence that says what to do. Only what nobody can know before the item is there, such as an
    expression that takes too long on it, `detect` says in the same way.

    One whose answers change though its configuration does not has a `stamp`, a text that changes with them; one that is
    a project's own says which in `project`, its id.
    """

    name: ClassVar[str]  # as in the registry
    title: ClassVar[str]
    takes: ClassVar[Kind]
    Config: ClassVar[type[msgspec.Struct]]

    def __init__(self, config: msgspec.Struct) -> None: ...

    @property
    def finds(self) -> tuple[str, ...]:
        """The labels that it gives."""

    def detect(self, batch: Sequence[Picture] | Sequence[str]) -> list[Found]:
        """Of each of the batch what is found in it, the surest first."""


def unfit(**fields: str) -> Invalid:
    """A refusal of a configuration, with a sentence for each field that is wrong."""
    return Invalid("Please mend what is marked.", fields=fields)
