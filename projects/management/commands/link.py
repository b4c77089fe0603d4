from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from projects.models import User
from projects.services import people


class Command(BaseCommand):
    help = "Print a link that signs a person in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: object) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            known = ", ".join(User.objects.filter(is_active=True).values_list("username", flat=True)) or "nobody yet"
            raise CommandError(f"There is no user “{username}”. There is: {known}.")
        self.stdout.write(settings.PUBLIC_URL + reverse("enter", args=[people.make_link(user)]))
