"""Runs over the research copy, for when the originals have left quarantine."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0010_rules_of_the_review")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="source",
            field=models.CharField(
                choices=[
                    ("quarantine", "From the originals in quarantine"),
                    ("copy", "From the research copy: the originals have left quarantine"),
                ],
                default="quarantine",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="over",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="made_over",
                to="transfers.run",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="limits",
            field=models.JSONField(default=list),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("over", None), ("source", "quarantine")),
                    models.Q(("over__isnull", False), ("source", "copy")),
                    _connector="OR",
                ),
                name="a_run_over_a_copy_says_over_which",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="made_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="transfers.outcome",
            ),
        ),
    ]
