"""A project's first key gets a place of its own, so that the key that wraps can be changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_audit_places")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="wrapped_root",
            field=models.BinaryField(editable=False, null=True),
        ),
    ]
