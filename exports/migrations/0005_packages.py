from django.db import migrations, models

from exports.signing import KEY_NAME
from projects.keyring import draw_data_key


def draw_signing_key(apps, schema_editor):
    draw_data_key(apps.get_model("projects", "DataKey"), KEY_NAME)


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0004_bids_mappings'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
    ]

    operations = [
        migrations.RunPython(draw_signing_key, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='package',
            name='package_state_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='package',
            name='package_format_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='package',
            name='a_ready_package_has_a_file_a_sum_and_an_end',
        ),
        migrations.AddField(
            model_name='package',
            name='contents',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='package',
            name='done_bytes',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='package',
            name='specification',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='package',
            name='specification_version',
            field=models.ForeignKey(editable=False, null=True, on_delete=models.deletion.PROTECT, related_name='packages', to='exports.specificationversion'),
        ),
        migrations.AddField(
            model_name='package',
            name='started_bytes',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='package',
            name='total_bytes',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='package',
            name='wrapped_secret',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='package',
            name='format',
            field=models.CharField(choices=[('zip', 'DICOM'), ('nifti', 'NIfTI'), ('bids', 'BIDS'), ('medium', 'DICOM medium with DICOMDIR'), ('pictures', 'Pictures'), ('headers', 'Headers only')], max_length=8),
        ),
        migrations.AlterField(
            model_name='package',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('building', 'Being built'), ('held', 'Held'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('expired', 'Expired'), ('revoked', 'Revoked')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'building', 'held', 'ready', 'failed', 'cancelled', 'expired', 'revoked'])), name='package_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['zip', 'nifti', 'bids', 'medium', 'pictures', 'headers'])), name='package_format_is_known'),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('held', 'ready')), _negated=True), models.Q(models.Q(('key', ''), _negated=True), models.Q(('sha256', ''), _negated=True), ('expires_at__isnull', False)), _connector='OR'), name='a_whole_package_has_a_file_a_sum_and_an_end'),
        ),
    ]
