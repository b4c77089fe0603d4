"""The files that detectors work with, in storage under their SHA-256. Which project has which, `storing` keeps."""

from hashlib import sha256

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FOLDER = "weights"
PIECE = 2**20


def path(digest: str) -> str:
    return f"{FOLDER}/{digest}"


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def put(digest: str, data: bytes) -> None:
    """What a broken attempt left there is replaced."""
    if not default_storage.exists(path(digest)) or default_storage.size(path(digest)) != len(data):
        default_storage.delete(path(digest))
        default_storage.save(path(digest), ContentFile(data))


def put_file(file: File) -> str:
    """A file of any size, piece by piece. Its digest."""
    whole = sha256()
    for piece in file.chunks(PIECE):
        whole.update(piece)
    digest = whole.hexdigest()
    if not is_there(digest) or default_storage.size(path(digest)) != file.size:
        default_storage.delete(path(digest))
        default_storage.save(path(digest), file)
    return digest


def is_there(digest: str) -> bool:
    return default_storage.exists(path(digest))


def read(digest: str) -> bytes:
    """Raises FileNotFoundError."""
    with default_storage.open(path(digest)) as file:
        data: bytes = file.read()
    return data


def discard(digest: str) -> None:
    default_storage.delete(path(digest))


def stored() -> list[str]:
    """The digests of all that lie there."""
    try:
        return sorted(default_storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return []
