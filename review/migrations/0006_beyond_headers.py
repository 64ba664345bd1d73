import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0005_checks'),
    ]

    operations = [
        migrations.CreateModel(
            name='PackageInventory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.UUIDField(editable=False, null=True)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('attempt', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('not_before', models.DateTimeField(editable=False, null=True)),
                ('rung_at', models.DateTimeField(editable=False, null=True)),
                ('claimed_at', models.DateTimeField(editable=False, null=True)),
                ('reason', models.CharField(blank=True, default='', editable=False, max_length=500)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='package_inventories', to='projects.project')),
                ('number', models.PositiveBigIntegerField(help_text="The package's own number.", unique=True)),
                ('key', models.CharField(help_text='Where the package lies in the storage.', max_length=200)),
                ('file_name', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('waiting', 'Waiting to be read'), ('read', 'Read'), ('failed', 'Could not be read')], db_index=True, default='waiting', max_length=8)),
                ('member_count', models.PositiveIntegerField(default=0)),
                ('position', models.PositiveIntegerField(default=0)),
                ('dicom_count', models.PositiveIntegerField(default=0)),
                ('unread_count', models.PositiveIntegerField(default=0)),
                ('indexed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'package inventories',
                'ordering': ['-number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'read', 'failed'])), name='inventory_state_is_known')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PackageElement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inventory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='elements', to='review.packageinventory')),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('kind', models.CharField(max_length=12)),
                ('path', models.TextField()),
                ('file_count', models.PositiveIntegerField(default=0)),
                ('value_count', models.PositiveIntegerField(default=0)),
                ('unlisted_count', models.PositiveIntegerField(default=0)),
                ('risk', models.PositiveSmallIntegerField(default=0)),
                ('risk_score', models.PositiveIntegerField(default=0)),
                ('risk_reasons', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-risk_score', 'path'],
                'indexes': [models.Index(fields=['digest'], name='review_pack_digest_ab2cd6_idx')],
                'constraints': [models.UniqueConstraint(fields=('inventory', 'digest'), name='one_element_per_path_and_package')],
            },
        ),
        migrations.CreateModel(
            name='PackageValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('element', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='values', to='review.packageelement')),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('text', models.TextField(blank=True)),
                ('file_count', models.PositiveIntegerField(default=0)),
                ('looks', models.CharField(blank=True, default='', max_length=16)),
                ('example', models.TextField(blank=True, default='')),
            ],
            options={
                'ordering': ['-file_count', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('element', 'digest'), name='one_value_per_package_element')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PackageRemark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inventory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='review.packageinventory')),
                ('place', models.TextField()),
                ('sentence', models.CharField(max_length=300)),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
