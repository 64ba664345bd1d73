"""Where an event came from and why; indexes to search it by; what it only points at.

The new columns are null in what is there already: so no table is rebuilt, which would drop the
guards of SQLite, and no row that a seal covers changes.
"""

import projects.encryption
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0010_tokens'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
                ('address_index', projects.encryption.BlindIndexField(blank=True, default='', kind='audit address', of='address', unique=True)),
                ('last_seen', models.DateField(db_index=True)),
            ],
            options={
                'ordering': ['-last_seen', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('text', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
            ],
            options={
                'ordering': ['-event_id'],
            },
        ),
        migrations.CreateModel(
            name='AuditRelay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200, unique=True)),
                ('through_seal', models.PositiveBigIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'ordering': ['target'],
            },
        ),
        migrations.AddField(
            model_name='auditevent',
            name='address',
            field=models.CharField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='through',
            field=models.CharField(max_length=60, null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='token_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='why',
            field=models.CharField(max_length=32, null=True),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor', 'at'], name='audit_by_actor'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['project', 'at'], name='audit_by_project'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['verb', 'at'], name='audit_by_verb'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['object_type', 'at'], name='audit_by_object_type'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['address', 'at'], name='audit_by_address'),
        ),
    ]
