"""A person's filters in a project have different names: of two that were saved at once the later gets its id behind it."""

from django.db import migrations, models

RENAME = """
UPDATE annotator_savedfilter later SET name = left(later.name, 80) || ' ' || later.id FROM annotator_savedfilter earlier
WHERE (earlier.project_id, earlier.owner_id, earlier.name) = (later.project_id, later.owner_id, later.name)
AND earlier.id < later.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ("annotator", "0024_notices_of_work"),
    ]

    operations = [
        migrations.RunSQL(RENAME, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(fields=["project", "owner", "name"], name="names_of_filters_differ"),
        ),
    ]
