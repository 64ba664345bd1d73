"""No transfer outside the approval's dates, nor with another project's participant or event."""

from django.db import migrations

from projects.guards import refuse


class Migration(migrations.Migration):
    dependencies = [("transfers", "0001_initial"), ("projects", "0002_guards")]

    operations = [
        refuse(
            "transfer_is_inside_the_approval",
            table="transfers_transferrequest",
            on=["INSERT"],
            when="NOT EXISTS (SELECT 1 FROM projects_project p WHERE p.id = NEW.project_id "
            "AND NEW.requested_on BETWEEN p.approval_start AND p.approval_end)",
            saying="transfer_is_inside_the_approval: the approval does not cover this day",
        ),
        refuse(
            "transfer_stays_in_its_project",
            table="transfers_transferrequest",
            on=["INSERT", "UPDATE"],
            when="NOT EXISTS (SELECT 1 FROM projects_participant p, projects_event e "
            "WHERE p.id = NEW.participant_id AND e.id = NEW.event_id "
            "AND p.project_id = NEW.project_id AND e.project_id = NEW.project_id)",
            saying="transfer_stays_in_its_project: participant and event belong to the project",
        ),
    ]
