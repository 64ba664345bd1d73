"""Deciding: two people, rules of a project, series rejected whole, and what a run changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from projects.guards import refuse


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        ("projects", "0003_two_person_release"),
        ("transfers", "0005_accepted_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("compared_count", models.PositiveIntegerField()),
                ("changed_count", models.PositiveIntegerField()),
                ("elements", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ProjectRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "element",
                    models.CharField(
                        help_text="As deidentify.rules.Rule names it.", max_length=400
                    ),
                ),
                ("action", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=300)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_reason", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RejectedSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("rejected_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="finding",
            name="carries_to",
            field=models.CharField(
                choices=[
                    ("alike", "All identical findings of the project"),
                    ("instance", "The same instance only"),
                    ("nothing", "Nothing: somebody asked to decide anew"),
                ],
                default="alike",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="second_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="finding",
            name="second_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="planversion",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AlterField(
            model_name="finding",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("awaiting", "Released by one person, waits for a second"),
                    ("released", "Released"),
                    ("rejected", "Rejected"),
                    ("ruled", "Settled by a rule of the project"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["outcome", "verdict"], name="transfers_f_outcome_9c6a62_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_at", None), ("second_by", None)),
                    models.Q(
                        ("second_at__isnull", False),
                        ("second_by__isnull", False),
                        ("verdict", "released"),
                        models.Q(("second_by", models.F("verdict_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_second_person_is_another",
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="earlier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="transfers.run"
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="run",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="difference",
                to="transfers.run",
            ),
        ),
        migrations.AddField(
            model_name="projectrule",
            name="finding",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="rules",
                to="transfers.finding",
            ),
        ),
        migrations.AddField(
            model_name="projectrule",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="projectrule",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            model_name="projectrule",
            name="since",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="transfers.planversion",
            ),
        ),
        migrations.AddField(
            model_name="projectrule",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rejectedseries",
            name="rejected_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rejectedseries",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="intake.series"
            ),
        ),
        migrations.AddField(
            model_name="rejectedseries",
            name="transfer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rejected_series",
                to="transfers.transferrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="difference",
            constraint=models.CheckConstraint(
                condition=models.Q(("changed_count__lte", models.F("compared_count"))),
                name="no_more_changed_than_compared",
            ),
        ),
        migrations.AddConstraint(
            model_name="projectrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("project", "element"),
                name="one_live_rule_per_element_and_project",
            ),
        ),
        migrations.AddConstraint(
            model_name="projectrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_rule_is_withdrawn_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectedseries",
            constraint=models.UniqueConstraint(
                fields=("transfer", "series"), name="a_series_is_rejected_once_per_transfer"
            ),
        ),
        refuse(
            "two_people_release_where_the_project_says_so",
            table="transfers_finding",
            on=["INSERT", "UPDATE"],
            when="NEW.verdict = 'released' AND NEW.second_by_id IS NULL AND EXISTS ("
            "SELECT 1 FROM transfers_run r "
            "JOIN transfers_transferrequest t ON t.id = r.transfer_id "
            "JOIN projects_project p ON p.id = t.project_id "
            "WHERE r.id = NEW.run_id AND p.two_person_release)",
            saying="two_people_release_where_the_project_says_so: a second person is missing",
        ),
    ]
