from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotator", "0015_fittings")]

    operations = [
        migrations.AddField(model_name="comment", name="key", field=models.UUIDField(null=True)),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(fields=["sheet", "key"], name="a_comment_is_sent_once"),
        ),
    ]
