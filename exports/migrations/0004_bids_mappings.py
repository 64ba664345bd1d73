import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from projects.guards import refuse


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0003_participant_tables'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
    ]

    operations = [
        migrations.CreateModel(
            name='BidsMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('rows', models.JSONField(default=list)),
                ('digest', models.CharField(max_length=64)),
                ('reason', models.CharField(max_length=250)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids_mappings', to='projects.project')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='one_bids_mapping_per_number_and_project')],
            },
        ),
        refuse(
            "bids_mappings_stay_as_they_are",
            table="exports_bidsmapping",
            on=["UPDATE"],
            when="1 = 1",
            saying="bids_mappings_stay_as_they_are: a version of a mapping is never changed",
        ),
    ]
