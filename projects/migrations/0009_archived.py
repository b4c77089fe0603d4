from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_words")]

    operations = [migrations.AddField("project", "archived_at", models.DateTimeField(null=True))]
