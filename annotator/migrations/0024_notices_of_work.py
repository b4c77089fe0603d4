import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0023_who_finished_sheets_and_when"),
        ("projects", "0019_words_of_every_script"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Work",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.UUIDField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("items", models.ManyToManyField(related_name="+", to="projects.item")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "by", "action"), name="work_is_given_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="work",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="annotator.work"
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mention", "Mention"),
                    ("answer", "Answer"),
                    ("asks", "Asks to join"),
                    ("let_in", "Let in"),
                    ("declined", "Not let in"),
                    ("assigned", "Assigned"),
                    ("returned", "Sent back"),
                ],
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="notice", name="a_notice_is_of_one_thing"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("user", "work"), name="one_is_told_once_of_work"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked", None), ("comment__isnull", False), ("work", None)),
                    models.Q(("asked__isnull", False), ("comment", None), ("work", None)),
                    models.Q(("asked", None), ("comment", None), ("work__isnull", False)),
                    _connector="OR",
                ),
                name="a_notice_is_of_one_thing",
            ),
        ),
    ]
