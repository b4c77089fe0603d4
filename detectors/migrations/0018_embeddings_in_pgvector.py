import django.db.models.deletion
from django.db import migrations, models

import detectors.models


class Migration(migrations.Migration):
    """What was known of how items look is made anew when it is wanted."""

    dependencies = [("detectors", "0017_evaluations"), ("projects", "0020_which_demo")]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS vector", migrations.RunSQL.noop),
        migrations.DeleteModel("Embedding"),
        migrations.CreateModel(
            name="Embedding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("embedder", models.CharField(max_length=64)),
                ("place", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("vector", detectors.models.VectorField()),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.item",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="embedding",
            constraint=models.UniqueConstraint(fields=("item", "embedder", "place"), name="a_place_is_embedded_once"),
        ),
    ]
