"""Seals over the audit; its rows may go only where a pruning says so, and never change."""

import django.utils.timezone
from django.db import migrations, models

from projects.guards import APPEND_ONLY, lift, refuse

GUARD = {
    "table": "projects_auditevent",
    "saying": f"audit_is_append_only: {APPEND_ONLY}",
}

class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0003_two_person_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('is_intact', models.BooleanField()),
                ('seal', models.PositiveBigIntegerField(null=True)),
                ('event_count', models.PositiveBigIntegerField(default=0)),
                ('sentences', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditPruning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('through_seal', models.PositiveBigIntegerField(unique=True)),
                ('last_event', models.BigIntegerField()),
                ('before', models.DateTimeField()),
                ('event_count', models.PositiveBigIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mac', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['-through_seal'],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True)),
                ('covers', models.JSONField()),
                ('waits', models.JSONField()),
                ('first_event', models.BigIntegerField()),
                ('last_covered', models.BigIntegerField()),
                ('last_event', models.BigIntegerField()),
                ('event_count', models.PositiveIntegerField()),
                ('leaves', models.BinaryField()),
                ('digests', models.JSONField()),
                ('sealed_at', models.DateTimeField()),
                ('previous', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('mac', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['-number'],
                'indexes': [models.Index(fields=['first_event', 'last_covered'], name='seal_by_events')],
            },
        ),
        lift(refuse("audit_is_append_only", on=["UPDATE", "DELETE"], when="1 = 1", **GUARD)),
        refuse(
            "audit_is_append_only",
            on=["UPDATE", "DELETE"],
            when="NOT EXISTS (SELECT 1 FROM projects_auditpruning p "
            "WHERE OLD.id <= p.last_event AND OLD.at < p.before)",
            **GUARD,
        ),
        refuse(
            "seals_stay_as_they_are",
            table="projects_auditseal",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"seals_stay_as_they_are: {APPEND_ONLY}",
        ),
        refuse(
            "prunings_stay_as_they_are",
            table="projects_auditpruning",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"prunings_stay_as_they_are: {APPEND_ONLY}",
        ),
    ]
