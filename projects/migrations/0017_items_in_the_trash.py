from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0016_requests_have_answers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('purged_at', None), ('trashed_at__isnull', False)), fields=['project', '-trashed_at', '-id'], name='items_in_the_trash'),
        ),
    ]
