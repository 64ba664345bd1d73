import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import projects.encryption
from projects.guards import refuse


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_directory")]

    operations: list = [
        migrations.AddField(
            model_name="user",
            name="kind",
            field=models.CharField(
                choices=[("person", "Person"), ("service", "Service account")],
                db_default="person",
                default="person",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="service_of",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="service_accounts",
                to="projects.project",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("kind", "person"), ("service_of", None)),
                    Q(
                        ("hospital_role", ""),
                        ("is_staff", False),
                        ("is_superuser", False),
                        ("kind", "service"),
                        ("password__startswith", "!"),
                        ("service_of__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="service_account_has_one_project_and_no_password",
            ),
        ),
        refuse(
            "service_account_stays_in_its_project",
            table="projects_membership",
            on=["INSERT", "UPDATE"],
            when="EXISTS (SELECT 1 FROM projects_user u WHERE u.id = NEW.user_id "
            "AND u.kind = 'service' AND (u.service_of_id <> NEW.project_id "
            "OR NEW.role NOT IN ('data_manager', 'researcher')))",
            saying="a service account is data manager or researcher, and of its own project alone",
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What it is for, and where it is kept.", max_length=60
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("ending", models.CharField(editable=False, max_length=4)),
                ("scope", models.CharField(max_length=40)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "last_used_from",
                    models.CharField(blank=True, default="", editable=False, max_length=32),
                ),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            scope__in=[
                                "read",
                                "transfer",
                                "read transfer",
                                "export",
                                "read export",
                                "transfer export",
                                "read transfer export",
                            ]
                        ),
                        name="token_scope_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(expires_at__gt=F("created_at")),
                        name="token_expires_after_it_was_made",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("revoked_by", None), ("revoked_at__isnull", False), _connector="OR"
                        ),
                        name="who_revoked_a_token_did_so_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("who", models.CharField(max_length=48)),
                ("minute", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["who", "minute"], name="one_count_per_who_and_minute"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("route", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=64)),
                ("request", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("media_type", models.CharField(blank=True, default="", max_length=60)),
                (
                    "body",
                    projects.encryption.EncryptedTextField(blank=True, default="", editable=False),
                ),
                ("is_secret", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "route", "key"],
                        name="one_answer_per_person_route_and_key",
                    )
                ]
            },
        ),
    ]
