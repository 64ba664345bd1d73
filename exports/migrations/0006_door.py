import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import projects.encryption


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0005_packages'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Examination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('directory_digest', models.CharField(max_length=64)),
                ('member_count', models.PositiveIntegerField(default=0)),
                ('position', models.PositiveIntegerField(default=0)),
                ('known_count', models.PositiveIntegerField(default=0)),
                ('searched_count', models.PositiveIntegerField(default=0)),
                ('unknown_people', models.PositiveIntegerField(default=0, help_text='Without search terms')),
                ('ended_at', models.DateTimeField(null=True)),
                ('package', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='examination', to='exports.package')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('position__lte', models.F('member_count'))), name='no_more_members_examined_than_there_are')],
            },
        ),
        migrations.CreateModel(
            name='PackageFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=24)),
                ('place', models.CharField(max_length=200)),
                ('sure', models.CharField(max_length=10)),
                ('sentence', models.CharField(max_length=300)),
                ('detail', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('member_count', models.PositiveIntegerField(default=0)),
                ('is_holding', models.BooleanField(default=True)),
                ('verdict', models.CharField(choices=[('open', 'Open'), ('awaiting', 'Released by one person, waits for a second'), ('released', 'Released'), ('rejected', 'Rejected'), ('ruled', 'Settled by a rule of the project')], default='open', max_length=10)),
                ('verdict_reason', models.CharField(blank=True, default='', max_length=300)),
                ('verdict_at', models.DateTimeField(null=True)),
                ('second_at', models.DateTimeField(null=True)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='exports.package')),
                ('second_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verdict_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-is_holding', '-member_count', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('package', 'fingerprint'), name='a_finding_is_said_once_per_package'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'open'), ('verdict_at', None), ('verdict_by', None)), models.Q(models.Q(('verdict', 'open'), _negated=True), ('verdict_at__isnull', False), ('verdict_by__isnull', False)), _connector='OR'), name='a_verdict_on_a_package_is_given_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('second_at', None), ('second_by', None)), models.Q(('second_at__isnull', False), ('second_by__isnull', False), ('verdict', 'released'), models.Q(('second_by', models.F('verdict_by')), _negated=True)), _connector='OR'), name='the_second_person_at_the_door_is_another')],
            },
        ),
    ]
