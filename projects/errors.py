"""Every refusal is {code, detail, fields?}: a word for programs and a sentence that says what to do."""

import errno
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation, TooManyFilesSent
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

NOTHING_HERE = "There is nothing here, or you have no access to it."
TOO_DEEP = "The request cannot be read: its lists and objects are nested too deeply."


class Removed(Http404):
    """For a member whose project is in the trash, and who was one until somebody took them out: they are told so."""


class Refusal(exceptions.APIException):
    """Something a person can put right. `fields` says where, in words."""

    status_code: int = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail, code)
        self.code = code or self.default_code
        self.fields = fields or {}


class Invalid(Refusal):
    """What was sent does not fit."""


class Conflict(Refusal):
    """What was sent does not fit what stands there now."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooLarge(Refusal):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Away(Refusal):
    """A service that is needed does not answer just now."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "away"


class DiskFull(Refusal):
    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "disk_full"


def render(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: the one error shape. A bug stays a 500."""
    if isinstance(error, Http404):
        error = nothing_here(error)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, TooManyFilesSent):
        error = Invalid(f"Send at most {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files at a time.", code="too_many_files")
    if isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError("The request cannot be read.")
    if isinstance(error, RecursionError):
        error = Invalid(TOO_DEEP)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        error = DiskFull("The server's disk is full. Ask whoever runs it to make room, then try again.")
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(describe(error), status=error.status_code, headers=headers)


def nothing_here(error: Exception) -> exceptions.NotFound:
    return exceptions.NotFound(str(error) if isinstance(error, Removed) else NOTHING_HERE)


def describe(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, Refusal):
        fields = {name: whole(detail) for name, detail in error.fields.items()}
        return {"code": error.code, "detail": whole(error.detail)} | ({"fields": fields} if fields else {})
    if isinstance(error, exceptions.ValidationError):
        fields = flatten(error.detail)
        return {"code": "invalid", "detail": "Please mend what is marked.", "fields": fields}
    codes = error.get_codes()
    return {"code": codes if isinstance(codes, str) else error.default_code, "detail": whole(error.detail)}


def whole(text: Any) -> str:
    """Half a character, quoted from what was sent, cannot be sent back."""
    return str(text).encode(errors="replace").decode()


def flatten(detail: Any, path: str = "") -> dict[str, str]:
    """Nested validation errors as {"labels.0.name": "This field is required."}."""
    if isinstance(detail, dict):
        return {
            k: v for key, part in detail.items() for k, v in flatten(part, f"{path}.{key}" if path else key).items()
        }
    if isinstance(detail, list) and any(isinstance(part, (dict, list)) for part in detail):
        return {
            k: v for i, part in enumerate(detail) for k, v in flatten(part, f"{path}.{i}" if path else str(i)).items()
        }
    return {path: whole(" ".join(map(str, detail)) if isinstance(detail, list) else detail)}
