"""A project can demand a second reviewer, and a current sign-off before anything is exported.

The columns are added in plain SQL that both databases read: Django would build the table anew on
SQLite, where the triggers that ask it do not let it go.
"""

from django.db import migrations, models

FIELDS = {
    "two_person_review": models.BooleanField(
        default=False,
        db_default=False,
        help_text="That an element is safe, and a sign-off, count when a second person confirms.",
    ),
    "sign_off_for_exports": models.BooleanField(
        default=False,
        db_default=False,
        help_text="Packages are built and downloaded only while a sign-off of the review is "
        "current.",
    ),
}


def _added(name):
    return migrations.RunSQL(
        f"ALTER TABLE projects_project ADD COLUMN {name} boolean NOT NULL DEFAULT false",
        f"ALTER TABLE projects_project DROP COLUMN {name}",
        state_operations=[
            migrations.AddField(model_name="project", name=name, field=FIELDS[name])
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_seals_by_last_event")]

    operations = [_added(name) for name in FIELDS]
