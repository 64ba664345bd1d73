"""Audit rows are append-only, pseudonyms fit their project's pattern, and the data key is drawn."""

from django.db import migrations

from projects.guards import APPEND_ONLY, refuse
from projects.keyring import draw_data_key


def draw(apps, schema_editor):
    draw_data_key(apps.get_model("projects", "DataKey"))


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        refuse(
            "audit_is_append_only",
            table="projects_auditevent",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"audit_is_append_only: {APPEND_ONLY}",
        ),
        refuse(
            "pseudonym_fits_the_pattern",
            table="projects_participant",
            on=["INSERT", "UPDATE"],
            when="NOT MATCHES(NEW.pseudonym, (SELECT p.participant_regex FROM projects_project p "
            "WHERE p.id = NEW.project_id))",
            saying="pseudonym_fits_the_pattern: the identifier does not fit the pattern",
        ),
        migrations.RunPython(draw, migrations.RunPython.noop),
    ]
