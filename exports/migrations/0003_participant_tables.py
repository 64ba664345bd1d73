import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import projects.encryption


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0002_specifications'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ParticipantTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=list)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participant_tables', to='projects.project')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [
                    models.UniqueConstraint(fields=('project', 'name'), name='one_participant_table_per_name'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='a_participant_table_has_a_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ParticipantRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cells', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.participant')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='exports.participanttable')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('table', 'participant'), name='one_row_per_participant_and_table')],
            },
        ),
    ]
