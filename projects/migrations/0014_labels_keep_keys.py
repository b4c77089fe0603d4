from django.db import migrations

DIGITS = "123456789"


def give_keys(apps, schema_editor):
    """Until now the editor gave digits by place to labels without a key; they keep the ones they had."""
    labels = apps.get_model("projects", "Label").objects.filter(removed_at=None)
    for project in labels.filter(hotkey="").values_list("project", flat=True).distinct():
        rows = labels.filter(project=project)
        taken = set(rows.values_list("hotkey", flat=True))
        free = iter([digit for digit in DIGITS if digit not in taken])
        drawn_first = sorted(rows.order_by("position", "pk"), key=lambda row: row.shapes == ["tag"])
        for label, digit in zip([row for row in drawn_first if not row.hotkey], free):
            labels.filter(pk=label.pk).update(hotkey=digit)


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_items_that_are_there")]

    operations = [migrations.RunPython(give_keys, migrations.RunPython.noop)]
