"""Markdown on server-rendered pages."""

from django import template

from projects.guidelines import rendered

register = template.Library()
register.filter("markdown", rendered)
