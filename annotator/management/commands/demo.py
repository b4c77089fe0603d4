from django.core.management.base import BaseCommand, CommandParser

from annotator import demo


class Command(BaseCommand):
    help = "Make the demo's people and projects where they are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("which", nargs="*", choices=[*demo.DEMOS, []], help="all, where none is named")

    def handle(self, which: list[str], **options: object) -> None:
        for project in demo.ensure(which or demo.DEMOS):
            self.stdout.write(f"The demo “{project}” is project {project.pk}: {project.items.count()} items.")
