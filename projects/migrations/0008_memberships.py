from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_words_of_holding")]

    operations: list = [
        migrations.AddField(
            model_name="membership",
            name="sites",
            field=models.ManyToManyField(
                blank=True, related_name="memberships", to="projects.site"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="has_identified",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="source",
            field=models.CharField(
                choices=[
                    ("local", "Named by a person"),
                    ("directory", "From the hospital's directory"),
                ],
                db_default="local",
                default="local",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["local", "directory"])),
                name="membership_source_is_known",
            ),
        ),
    ]
