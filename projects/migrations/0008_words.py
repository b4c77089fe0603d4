"""Free text in names and contents: the words of an item, kept by the database itself and indexed, and items by name.

The column stays out of the model, so that nobody reads it with a row. Only the first 100,000 characters of a text
count: PostgreSQL holds no more than a megabyte of words a row.
"""

from django.db import migrations, models
from django.db.models.functions import Lower

WORDS = """
ALTER TABLE projects_item ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('simple', translate(name || ' ' || coalesce(left(text, 100000), ''), './_-\\@:', '       '))
) STORED;
CREATE INDEX items_by_words ON projects_item USING gin (words);
"""


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0007_profile"),
    ]

    operations = [
        migrations.RunSQL(WORDS, "ALTER TABLE projects_item DROP COLUMN words"),
        migrations.AddIndex(
            model_name="item",
            index=models.Index("project", Lower("name"), "id", name="items_by_name"),
        ),
    ]
