"""Seals are looked up by the last event that they cover."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0004_audit_seals'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='auditseal',
            name='seal_by_events',
        ),
        migrations.AddIndex(
            model_name='auditseal',
            index=models.Index(fields=['last_covered', 'first_event'], name='seal_by_last_event'),
        ),
    ]
