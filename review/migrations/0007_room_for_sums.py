"""Let PostgreSQL keep room beside each element: every study that is merged changes its sums.

The changed columns are in no index, so with room on its page a new version of a row needs none of
a new page (PostgreSQL's "heap-only tuples"). Without it, a page that counts all elements reads
mostly what is not there any more.
"""

from django.db import migrations


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE review_element SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)"
        )


def take_it_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE review_element RESET (fillfactor, autovacuum_vacuum_scale_factor)"
        )


class Migration(migrations.Migration):
    dependencies = [("review", "0006_beyond_headers")]

    operations = [migrations.RunPython(leave_room, take_it_back)]
