"""Times as they stand in narrow places."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def ago(at: datetime) -> str:
    """How long ago: “now”, “5 min”, “3 h”, “2 d”, then the date."""
    minutes = int((timezone.now() - at).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%d min") % minutes
    if minutes < 24 * 60:
        return _("%d h") % (minutes // 60)
    if minutes < 14 * 24 * 60:
        return _("%d d") % (minutes // (24 * 60))
    return date_format(timezone.localtime(at), "j M Y")
