from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0006_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='picture',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='user',
            name='time_zone',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
