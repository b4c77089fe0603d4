from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_labels_keep_keys")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="guidelines_read",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
