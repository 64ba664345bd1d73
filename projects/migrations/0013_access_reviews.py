"""Reviews of who has access, and what was answered for each person."""

import django.db.models.deletion
import django.db.models.functions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q, Value

ANSWERS = [("keep", "Keep"), ("change", "Change"), ("remove", "Remove")]


class Migration(migrations.Migration):
    dependencies = [("projects", "0012_keys")]

    operations = [
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_on", models.DateField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_reviews",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.Coalesce(F("project"), Value(0)),
                        condition=Q(("closed_at", None)),
                        name="one_open_access_review_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("closed_at", None),
                            ("closed_at__gte", F("opened_at")),
                            _connector="OR",
                        ),
                        name="an_access_review_ends_after_it_opened",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=16)),
                ("answer", models.CharField(choices=ANSWERS, max_length=8)),
                ("new_role", models.CharField(blank=True, default="", max_length=16)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="projects.accessreview",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "user"), name="one_answer_per_person_and_access_review"
                    ),
                    models.CheckConstraint(
                        condition=Q(("user", F("answered_by")), _negated=True),
                        name="nobody_confirms_their_own_access",
                    ),
                    models.CheckConstraint(
                        condition=Q(("answer__in", ["keep", "change", "remove"])),
                        name="access_answer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("answer", "change"), Q(("new_role", ""), _negated=True)),
                            Q(Q(("answer", "change"), _negated=True), ("new_role", "")),
                            _connector="OR",
                        ),
                        name="a_changed_access_names_the_new_role",
                    ),
                ],
            },
        ),
    ]
