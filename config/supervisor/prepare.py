"""Runs with Django, in a process of its own: `python -m config.supervisor.prepare [--demo] USERNAME...`.

Migrates, makes the demo project if asked to, and prints a sign-in link for each who is there, as JSON.
"""

import contextlib
import io
import json
import sys

import django
from django.core.management import CommandError, call_command


def link(username: str) -> str:
    text = io.StringIO()
    with contextlib.suppress(CommandError):
        call_command("link", username, stdout=text)
    return text.getvalue().strip()


if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    if "--demo" in sys.argv:
        call_command("demo", stdout=sys.stderr)
    links = {username: link(username) for username in sys.argv[1:] if username != "--demo"}
    print(json.dumps({username: url for username, url in links.items() if url}))
