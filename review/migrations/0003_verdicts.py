"""Verdicts, what of them is in force, sign-offs; and how every element stands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from projects.guards import APPEND_ONLY, refuse

SAME = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in (
        *("project_id", "known_id", "judged", "covers", "value_digest", "pattern", "reason"),
        *("value_count", "handling", "given_by_id", "given_at", "needs_second"),
    )
)
SIGNED = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in ("project_id", "number", "text", "digest", "signed_by_id", "signed_at")
)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0006_second_reviewer"),
        ("review", "0002_origins_and_risk"),
        ("transfers", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JudgedHandling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=1)),
                ('row', models.CharField(max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='JudgedValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value_digest', models.CharField(editable=False, max_length=64)),
                ('judged', models.CharField(blank=True, choices=[('safe', 'Safe'), ('unsafe', 'Not safe'), ('unsure', 'Unsure')], db_default='', default='', max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name='KnownElement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, help_text='SHA-256 of the path.', max_length=64)),
                ('path', models.TextField()),
                ('keyword', models.CharField(blank=True, default='', max_length=80)),
                ('judged', models.CharField(blank=True, choices=[('safe', 'Safe'), ('unsafe', 'Not safe'), ('unsure', 'Unsure')], db_default='', default='', max_length=8)),
                ('covers', models.CharField(blank=True, choices=[('listed', 'the values that are listed now'), ('whatever', 'whatever its values')], db_default='', default='', max_length=8)),
                ('is_begun', models.BooleanField(db_default=False, default=False, help_text='Whether anything of it was ever judged.')),
                ('has_patterns', models.BooleanField(db_default=False, default=False)),
                ('came_late', models.BooleanField(db_default=False, default=False, help_text='First seen after the review had begun.')),
                ('standing', models.CharField(choices=[('unjudged', 'To judge'), ('new', 'New'), ('unsure', 'Unsure'), ('unsafe', 'Not safe'), ('safe', 'Safe')], db_default='unjudged', default='unjudged', max_length=8)),
                ('settled_at', models.DateTimeField(null=True)),
                ('reopened_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('last_verdict', models.BigIntegerField(default=0, help_text='Id of the newest verdict that it knows.')),
                ('exceptions', models.JSONField(default=list, help_text='Digests of the paths that were left open, by name and reason.')),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('signed_at', models.DateTimeField()),
                ('needs_second', models.BooleanField(default=False)),
                ('second_at', models.DateTimeField(null=True)),
                ('event_id', models.BigIntegerField(null=True)),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('judged', models.CharField(choices=[('safe', 'Safe'), ('unsafe', 'Not safe'), ('unsure', 'Unsure')], max_length=8)),
                ('covers', models.CharField(blank=True, choices=[('listed', 'the values that are listed now'), ('whatever', 'whatever its values')], default='', max_length=8)),
                ('value_digest', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('pattern', models.CharField(blank=True, default='', max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=250)),
                ('value_count', models.PositiveBigIntegerField(default=0, help_text='How many values it judged when it was given.')),
                ('handling', models.CharField(blank=True, default='', help_text='Digest of what the plan did with it.', max_length=64)),
                ('given_at', models.DateTimeField()),
                ('needs_second', models.BooleanField(default=False)),
                ('second_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='element',
            name='open_value_count',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='element',
            name='reopened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='element',
            name='standing',
            field=models.CharField(choices=[('unjudged', 'To judge'), ('new', 'New'), ('unsure', 'Unsure'), ('unsafe', 'Not safe'), ('safe', 'Safe')], db_default='unjudged', default='unjudged', max_length=8),
        ),
        migrations.AddField(
            model_name='elementvalue',
            name='judged',
            field=models.CharField(blank=True, choices=[('', 'To judge'), ('open', 'To judge'), ('safe', 'Safe'), ('unsafe', 'Not safe'), ('unsure', 'Unsure')], db_default='', default='', max_length=6),
        ),
        migrations.AddIndex(
            model_name='elementvalue',
            index=models.Index(condition=models.Q(('judged__in', ('open', 'unsafe', 'unsure'))), fields=['element', 'judged'], name='values_that_keep_it_open'),
        ),
        migrations.AddConstraint(
            model_name='element',
            constraint=models.CheckConstraint(condition=models.Q(('standing__in', ['unjudged', 'new', 'unsure', 'unsafe', 'safe'])), name='standing_is_known'),
        ),
        migrations.AddField(
            model_name='knownelement',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='known_elements', to='projects.project'),
        ),
        migrations.AddField(
            model_name='judgedvalue',
            name='known',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='judged_values', to='review.knownelement'),
        ),
        migrations.AddField(
            model_name='judgedhandling',
            name='known',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='judged_handlings', to='review.knownelement'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='plan_version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transfers.planversion'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='projects.project'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='second_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signoff',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verdict',
            name='given_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verdict',
            name='known',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='review.knownelement'),
        ),
        migrations.AddField(
            model_name='verdict',
            name='plan_version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transfers.planversion'),
        ),
        migrations.AddField(
            model_name='verdict',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='projects.project'),
        ),
        migrations.AddField(
            model_name='verdict',
            name='second_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='knownelement',
            name='verdict',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.verdict'),
        ),
        migrations.AddField(
            model_name='knownelement',
            name='waiting',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.verdict'),
        ),
        migrations.AddField(
            model_name='judgedvalue',
            name='verdict',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judged_values', to='review.verdict'),
        ),
        migrations.AddField(
            model_name='judgedvalue',
            name='waiting',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waiting_values', to='review.verdict'),
        ),
        migrations.AddConstraint(
            model_name='judgedhandling',
            constraint=models.UniqueConstraint(fields=('known', 'action', 'row'), name='one_judged_handling_per_element'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.UniqueConstraint(fields=('project', 'number'), name='one_sign_off_per_number'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_at', None), ('second_by', None)), models.Q(('second_at__isnull', False), ('second_by__isnull', False)), _connector='OR'), name='a_sign_off_is_confirmed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('second_by', models.F('signed_by')), _negated=True), _connector='OR'), name='nobody_confirms_a_sign_off_of_their_own'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(fields=['project', '-id'], name='verdicts_of_a_project'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(('judged__in', ['safe', 'unsafe', 'unsure'])), name='judgement_is_known'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(('judged', 'safe'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='what_is_not_called_safe_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(('value_digest', ''), ('pattern', ''), _connector='OR'), name='a_verdict_is_on_a_value_or_on_a_pattern'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('covers__in', ['listed', 'whatever']), ('pattern', ''), ('value_digest', '')), models.Q(('covers', ''), models.Q(models.Q(('value_digest', ''), _negated=True), models.Q(('pattern', ''), _negated=True), _connector='OR')), _connector='OR'), name='a_verdict_on_an_element_says_what_it_covers'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_at', None), ('second_by', None)), models.Q(('second_at__isnull', False), ('second_by__isnull', False)), _connector='OR'), name='a_verdict_is_confirmed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('second_by', models.F('given_by')), _negated=True), _connector='OR'), name='nobody_confirms_a_verdict_of_their_own'),
        ),
        migrations.AddConstraint(
            model_name='knownelement',
            constraint=models.UniqueConstraint(fields=('project', 'digest'), name='one_known_element_per_path_and_project'),
        ),
        migrations.AddConstraint(
            model_name='knownelement',
            constraint=models.CheckConstraint(condition=models.Q(('judged__in', ['', 'safe', 'unsafe', 'unsure'])), name='known_judgement_is_known'),
        ),
        migrations.AddConstraint(
            model_name='judgedvalue',
            constraint=models.UniqueConstraint(fields=('known', 'value_digest'), name='one_judgement_per_value_and_element'),
        ),
        refuse(
            "verdicts_are_append_only",
            table="review_verdict",
            on=["UPDATE"],
            when=f"{SAME} OR OLD.second_by_id IS NOT NULL",
            saying=f"verdicts_are_append_only: {APPEND_ONLY}",
        ),
        refuse(
            "sign_offs_are_append_only",
            table="review_signoff",
            on=["UPDATE"],
            when=f"{SIGNED} OR OLD.second_by_id IS NOT NULL",
            saying=f"sign_offs_are_append_only: {APPEND_ONLY}",
        ),
        refuse(
            "verdicts_are_never_deleted",
            table="review_verdict",
            on=["DELETE"],
            when="1 = 1",
            saying=f"verdicts_are_never_deleted: {APPEND_ONLY}",
        ),
        refuse(
            "sign_offs_are_never_deleted",
            table="review_signoff",
            on=["DELETE"],
            when="1 = 1",
            saying=f"sign_offs_are_never_deleted: {APPEND_ONLY}",
        ),
    ]
