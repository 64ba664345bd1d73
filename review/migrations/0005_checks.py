import django.db.models.deletion
import django.utils.timezone
import projects.encryption
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0005_seals_by_last_event'),
        ('review', '0004_saved_views'),
    ]

    operations = [
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.UUIDField(editable=False, null=True)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('attempt', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('not_before', models.DateTimeField(editable=False, null=True)),
                ('rung_at', models.DateTimeField(editable=False, null=True)),
                ('claimed_at', models.DateTimeField(editable=False, null=True)),
                ('reason', models.CharField(blank=True, default='', editable=False, max_length=500)),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to=settings.AUTH_USER_MODEL)),
                ('profile', models.CharField(default='basic', max_length=16)),
                ('state', models.CharField(choices=[('open', 'Being sent'), ('waiting', 'Waiting for its turn'), ('done', 'Done'), ('failed', 'Could not be checked')], default='open', max_length=8)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(db_index=True, null=True)),
                ('sent_count', models.PositiveIntegerField(default=0, help_text='Files that were sent.')),
                ('byte_count', models.PositiveBigIntegerField(default=0)),
                ('total_count', models.PositiveIntegerField(default=0, help_text='With those in archives.')),
                ('read_count', models.PositiveIntegerField(default=0)),
                ('dicom_count', models.PositiveIntegerField(default=0)),
                ('beside_count', models.PositiveIntegerField(default=0, help_text='Files that are no DICOM.')),
                ('unread_count', models.PositiveIntegerField(default=0)),
                ('study_count', models.PositiveIntegerField(default=0)),
                ('patient_count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'waiting', 'done', 'failed'])), name='check_state_is_known'), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'waiting')), models.Q(('ended_at__isnull', False), ('expires_at__isnull', False)), _connector='OR'), name='a_check_that_stands_still_has_ended_and_expires')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CheckElement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='elements', to='review.check')),
                ('kind', models.CharField(max_length=12)),
                ('risk', models.PositiveSmallIntegerField(default=0)),
                ('risk_score', models.PositiveIntegerField(default=0)),
                ('file_count', models.PositiveIntegerField(default=0)),
                ('value_count', models.PositiveIntegerField(default=0)),
                ('is_acted_on', models.BooleanField(default=False, help_text='Whether the chosen profile would still do something with it.')),
                ('facts', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
            ],
            options={
                'ordering': ['-risk_score', 'pk'],
                'indexes': [models.Index(fields=['check_of', '-risk_score'], name='review_chec_check_o_0f9dbc_idx')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='CheckFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='review.check')),
                ('code', models.CharField(max_length=20)),
                ('weight', models.PositiveSmallIntegerField(help_text='3: certainly, 2: probably, 1: perhaps.')),
                ('count', models.PositiveIntegerField(default=0, help_text='Files, or values, it is in.')),
                ('facts', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
            ],
            options={
                'ordering': ['-weight', '-count', 'pk'],
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
