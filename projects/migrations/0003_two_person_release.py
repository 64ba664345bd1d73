"""A project can demand that two people release together.

The column is added in plain SQL that both databases read: Django would build the table anew on
SQLite, where the triggers that ask it do not let it go.
"""

from django.db import migrations, models

HELP = "What is held leaves only when a second person confirms the release."
FIELD = models.BooleanField(default=False, db_default=False, help_text=HELP)


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE projects_project ADD COLUMN two_person_release boolean "
            "NOT NULL DEFAULT false",
            "ALTER TABLE projects_project DROP COLUMN two_person_release",
            state_operations=[
                migrations.AddField(model_name="project", name="two_person_release", field=FIELD)
            ],
        ),
    ]
