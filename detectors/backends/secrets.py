"""Passwords of back ends, encrypted by the server's own key: who reads the database or a backup does not read them."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from projects.errors import Invalid

FORGOTTEN = "The password of the back end cannot be read any more, as the server has another SECRET_KEY. Add it anew."


def cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"detectors.backends {settings.SECRET_KEY}".encode()).digest()))


def hidden(password: str) -> str:
    return cipher().encrypt(password.encode()).decode() if password else ""


def read(secret: str) -> str:
    try:
        return cipher().decrypt(secret.encode()).decode() if secret else ""
    except InvalidToken:
        raise Invalid(FORGOTTEN, code="forgotten") from None
