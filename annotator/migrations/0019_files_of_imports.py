import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO annotator_importfile (of_id, path, size, place)
SELECT i.id, f->>0, (f->>1)::bigint, f->>2
FROM annotator_import i, jsonb_array_elements(i.files) WITH ORDINALITY AS x(f, n) ORDER BY i.id, n;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotator', '0018_imported_annotations'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=1000)),
                ('size', models.BigIntegerField()),
                ('place', models.CharField(max_length=200)),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='annotator.import')),
            ],
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveField(model_name='import', name='files'),
    ]
