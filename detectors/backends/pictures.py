"""The pictures that a back end is asked about.

Most back ends that people have fetch an image from an address, as that is what Label Studio gives them, and can do
nothing else: so it lies behind a link that nobody guesses, until the answer is there.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from secrets import token_urlsafe

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from detectors.backends.seen import Seen, Stored
from detectors.kinds.contract import Picture
from detectors.models import BackEnd

LASTS = 600  # seconds, if who asks is ended before the answer


@contextmanager
def addresses(things: Sequence[Seen], how: str) -> Iterator[list[str]]:
    """Of pictures; texts are there themselves."""
    keys: list[str] = []

    def address(thing: Seen) -> str:
        if isinstance(thing, str):
            return thing
        data, kind = (thing.data, thing.kind) if isinstance(thing, Stored) else (encoded(thing), "image/jpeg")
        if how == BackEnd.Pictures.DATA:
            return f"data:{kind};base64,{b64encode(data).decode()}"
        name = token_urlsafe(24)
        keys.append(key(name))
        cache.set(keys[-1], (data, kind), LASTS)
        return settings.PUBLIC_URL + reverse("asked-picture", args=[name])

    try:
        yield [address(thing) for thing in things]
    finally:
        cache.delete_many(keys)


def encoded(picture: Picture) -> bytes:
    written = BytesIO()
    Image.fromarray(picture).save(written, "JPEG", quality=95, subsampling=0)
    return written.getvalue()


def kept(name: str) -> tuple[bytes, str] | None:
    """The bytes and their type."""
    found: tuple[bytes, str] | None = cache.get(key(name))
    return found


def key(name: str) -> str:
    return f"asked-picture-{name}"
