from django.db import migrations, models


def name_it(apps, schema_editor):
    apps.get_model("projects", "Project").objects.filter(is_demo=True).update(demo="welcome")


class Migration(migrations.Migration):
    dependencies = [("projects", "0019_words_of_every_script")]

    operations = [
        migrations.AddField("project", "demo", models.CharField(blank=True, db_default="", default="", max_length=20)),
        migrations.RunPython(name_it, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField("project", "is_demo"),
    ]
