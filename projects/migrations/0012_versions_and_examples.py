import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_assignee")]

    operations = [
        migrations.AddField(
            "label",
            "guidelines",
            models.TextField(blank=True, default="", validators=[django.core.validators.MaxLengthValidator(10_000)]),
            preserve_default=False,
        ),
        migrations.AddField("membership", "version", models.PositiveIntegerField(default=1)),
        migrations.AddField("project", "version", models.PositiveIntegerField(default=1)),
        migrations.CreateModel(
            name="Example",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "media",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="examples", to="projects.media"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="examples", to="projects.project"
                    ),
                ),
            ],
        ),
    ]
