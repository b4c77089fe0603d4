from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.errors import Refusal
from projects.services import people


class Command(BaseCommand):
    help = "Add a person. `manage.py link USERNAME` then prints a link that signs them in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what others see; the user name if left out")
        parser.add_argument("--email", default="")

    def handle(self, *, username: str, name: str, email: str, **options: object) -> None:
        try:
            user = people.create(username, name=name, email=email)
        except Refusal as refusal:
            raise CommandError(f"{refusal.detail} {' '.join(refusal.fields.values())}") from None
        self.stdout.write(f"Added {user} ({user.username}).")
