from django.db import migrations

import projects.encryption

FIELDS = ("manufacturer", "manufacturer_model_name", "body_part_examined", "image_type")


def encrypt(apps, schema_editor):
    """Move what stands in the clear into the encrypted columns."""
    series_model = apps.get_model("intake", "Series")
    changed = []
    for series in series_model.objects.iterator():
        for name in FIELDS:
            setattr(series, name, getattr(series, f"{name}_clear"))
        changed.append(series)
    series_model.objects.bulk_update(changed, FIELDS, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ("intake", "0002_storage_commitments"),
        ("projects", "0002_guards"),
    ]

    operations = [
        *(migrations.RenameField("series", name, f"{name}_clear") for name in FIELDS),
        *(
            migrations.AddField(
                "series",
                name,
                projects.encryption.EncryptedTextField(blank=True, default="", editable=False),
            )
            for name in FIELDS
        ),
        migrations.RunPython(encrypt),
        *(migrations.RemoveField("series", f"{name}_clear") for name in FIELDS),
    ]
