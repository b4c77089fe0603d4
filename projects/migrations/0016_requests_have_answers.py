import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0015_guidelines_read'),
    ]

    operations = [
        migrations.AddField(
            model_name='joinrequest',
            name='answered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='answered_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='role',
            field=models.PositiveSmallIntegerField(choices=[(10, 'Viewer'), (20, 'Annotator'), (30, 'Reviewer'), (40, 'Manager'), (50, 'Owner')], null=True),
        ),
    ]
