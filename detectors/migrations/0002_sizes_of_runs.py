from django.db import migrations, models
from django.db.migrations.state import StateApps
from django.db.models import Count


def count(apps: StateApps, schema_editor: object) -> None:
    runs = apps.get_model("detectors", "Run").objects.annotate(found=Count("predictions"))
    for run in runs:
        run.size = run.found
        run.save(update_fields=["size"])


class Migration(migrations.Migration):
    dependencies = [("detectors", "0001_runs_and_predictions")]

    operations = [
        migrations.AddField("run", "size", models.PositiveIntegerField(default=0)),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
