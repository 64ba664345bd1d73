"""Runs over the research copy, for when the originals have left quarantine."""

import django.db.models.deletion
from django.db import migrations, models

from projects.guards import lift, refuse

# It asks about runs, whose table SQLite builds anew here: it stands aside meanwhile.
TWO_PEOPLE = refuse(
    "two_people_release_where_the_project_says_so",
    table="transfers_finding",
    on=["INSERT", "UPDATE"],
    when="NEW.verdict = 'released' AND NEW.second_by_id IS NULL AND EXISTS ("
    "SELECT 1 FROM transfers_run r "
    "JOIN transfers_transferrequest t ON t.id = r.transfer_id "
    "JOIN projects_project p ON p.id = t.project_id "
    "WHERE r.id = NEW.run_id AND p.two_person_release)",
    saying="two_people_release_where_the_project_says_so: a second person is missing",
)


class Migration(migrations.Migration):
    dependencies = [("transfers", "0010_rules_of_the_review")]

    operations = [
        lift(TWO_PEOPLE),
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
        TWO_PEOPLE,
    ]
