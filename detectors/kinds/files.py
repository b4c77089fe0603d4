"""The weights that a detector is set up with."""

from detectors import weights
from detectors.kinds.contract import unfit

GONE = "The file is missing from the storage. Choose another, or ask whoever runs the server to bring it back."


def read(field: str, digest: str) -> bytes:
    """Raises Invalid for the field that names it."""
    try:
        return weights.read(digest)
    except FileNotFoundError:
        raise unfit(**{field: GONE}) from None
