"""What was found after the deciding was built: a demand outlives its setting, and a fingerprint
of a name can be guessed unless it is keyed.

What is there is keyed, not forgotten: verdicts that were given before carry as they did.
"""

import secrets

from django.db import migrations

from projects.guards import refuse
from projects.keyring import KEY_BYTES, master_key, unwrap
from transfers.fingerprints import KEYED, fingerprint_key, keyed


def key_fingerprints(apps, schema_editor):
    """Key every fingerprint in place; in a project whose key was destroyed none carries again."""
    findings = apps.get_model("transfers", "Finding").objects
    for project in apps.get_model("projects", "Project").objects.order_by("pk"):
        own = findings.filter(run__transfer__project=project).exclude(fingerprint__startswith=KEYED)
        marks = list(own.order_by().values_list("fingerprint", flat=True).distinct())
        if not marks:
            continue
        wrapped = project.wrapped_key
        project_key = unwrap(wrapped, master_key()) if wrapped else secrets.token_bytes(KEY_BYTES)
        key = fingerprint_key(project_key)
        for mark in marks:
            if not mark.startswith("unreadable-"):  # the number of an image, no value
                own.filter(fingerprint=mark).update(fingerprint=keyed(mark, key))


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("transfers", "0011_delta_runs")]

    operations = [
        refuse(
            "a_release_that_waits_needs_its_second_person",
            table="transfers_finding",
            on=["UPDATE"],
            when="OLD.verdict = 'awaiting' AND NEW.verdict = 'released' "
            "AND NEW.second_by_id IS NULL",
            saying="a_release_that_waits_needs_its_second_person: nobody has confirmed it",
        ),
        migrations.RunPython(key_fingerprints, migrations.RunPython.noop),
    ]
