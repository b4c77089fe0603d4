import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0019_files_of_imports"),
        ("projects", "0016_requests_have_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="asked",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="projects.joinrequest",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="comment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="annotator.comment"
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
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("user", "asked"), name="one_is_told_once_of_who_asks"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked", None), ("comment__isnull", False)),
                    models.Q(("asked__isnull", False), ("comment", None)),
                    _connector="OR",
                ),
                name="a_notice_is_of_one_thing",
            ),
        ),
    ]
