"""Words in one Unicode form, however an accent is written; Chinese and Japanese, which part no words, by characters."""

from django.db import migrations

WITHOUT = "ALTER TABLE projects_item DROP COLUMN words;"
BEFORE = """
ALTER TABLE projects_item ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('simple', translate(name || ' ' || coalesce(left(text, 100000), ''), './_-\\@:', '       '))
) STORED;
"""
AFTER = r"""
ALTER TABLE projects_item ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('simple', regexp_replace(
        translate(normalize(name || ' ' || coalesce(left(text, 100000), '')), './_-\@:', '       '),
        '[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]',
        ' \& ', 'g'
    ))
) STORED;
"""
INDEX = "CREATE INDEX items_by_words ON projects_item USING gin (words);"


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0018_the_log_checks_no_people"),
    ]

    operations = [
        migrations.RunSQL(WITHOUT + AFTER + INDEX, WITHOUT + BEFORE + INDEX),
    ]
