"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def grouped(number: int | str) -> str:
    """1,234,567, as the pages' scripts write it; what stands for a number not known yet stays."""
    return f"{number:,}" if isinstance(number, int) else number
