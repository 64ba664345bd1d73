"""What was found after the deciding was built: a demand outlives its setting."""

from django.db import migrations

from projects.guards import refuse


class Migration(migrations.Migration):
    dependencies = [("transfers", "0011_delta_runs")]

    operations = [
        refuse(
            "a_release_that_waits_needs_its_second_person",
            table="transfers_finding",
            on=["UPDATE"],
            when="OLD.verdict = 'awaiting' AND NEW.verdict = 'released' "
            "AND NEW.second_by_id IS NULL",
            saying="a_release_that_waits_needs_its_second_person: nobody has confirmed it",
        ),
    ]
