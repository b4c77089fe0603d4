from django.core.management.base import BaseCommand

from annotator import demo


class Command(BaseCommand):
    help = "Make the demo's people and projects where they are missing."

    def handle(self, **options: object) -> None:
        for project in demo.ensure():
            self.stdout.write(f"The demo “{project}” is project {project.pk}: {project.items.count()} items.")
