"""What Django and its REST framework say of what is too long, in our words: in forms, models and the API."""

from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from rest_framework.serializers import CharField


def use_own_words() -> None:
    MaxLengthValidator.message = ngettext_lazy(
        "Use at most %(limit_value)d character; this has %(show_value)d.",
        "Use at most %(limit_value)d characters; this has %(show_value)d.",
        "limit_value",
    )
    CharField.default_error_messages["max_length"] = _("Use at most {max_length} characters.")
