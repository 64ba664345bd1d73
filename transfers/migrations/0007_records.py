"""Records of runs, which nobody changes, and until when somebody has looked for them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from projects.guards import APPEND_ONLY, refuse


class Migration(migrations.Migration):

    dependencies = [
        ('transfers', '0006_deciding'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutputList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('count', models.PositiveIntegerField()),
                ('packed', models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name='run',
            name='recorded_until',
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name='TransferRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('event_id', models.BigIntegerField(unique=True)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('outputs', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='transfers.outputlist')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='transfers.run')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='one_record_per_number')],
            },
        ),
        refuse(
            "records_stay_as_they_are",
            table="transfers_transferrecord",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"records_stay_as_they_are: {APPEND_ONLY}",
        ),
        refuse(
            "output_lists_stay_as_they_are",
            table="transfers_outputlist",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"output_lists_stay_as_they_are: {APPEND_ONLY}",
        ),
    ]
