import django.core.validators
import django.db.models.deletion
import projects.encryption
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0006_door'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
    ]

    operations = [
        migrations.CreateModel(
            name='DownloadLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('recipient', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('most_uses', models.PositiveSmallIntegerField(default=3)),
                ('use_count', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('wrong_count', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='exports.package')),
                ('revoked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Download',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_count', models.PositiveIntegerField(default=0)),
                ('continued_count', models.PositiveIntegerField(default=0)),
                ('reached_end', models.BooleanField(default=False)),
                ('first_at', models.DateTimeField(auto_now_add=True)),
                ('last_at', models.DateTimeField(auto_now_add=True)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='downloads', to='exports.package')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='downloads', to='exports.downloadlink')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='OutsideLinks',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('allowed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='outside_links', to='projects.project')),
            ],
            options={
                'verbose_name_plural': 'outside links',
            },
        ),
        migrations.CreateModel(
            name='PackageDestination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('sftp', 'SFTP server'), ('s3', 'S3 bucket'), ('dicom', 'DICOM node'), ('upload', 'Resumable upload (tus)')], max_length=8)),
                ('host', models.CharField(max_length=255)),
                ('port', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(65535)])),
                ('is_plain', models.BooleanField(default=False, help_text='Only for an address of this very machine.', verbose_name='without TLS')),
                ('account', models.CharField(blank=True, default='', max_length=128)),
                ('secret', projects.encryption.EncryptedTextField(blank=True, default='', editable=False)),
                ('place', models.CharField(blank=True, default='', max_length=255)),
                ('region', models.CharField(blank=True, default='', max_length=40)),
                ('host_key', models.CharField(blank=True, default='', help_text="The server's public key, such as ssh-ed25519 AAAA…; ssh-keyscan prints it.", max_length=1000)),
                ('reads_back', models.BooleanField(default=True, help_text='Fetch what was written and compare its sum; without, the size is compared.', verbose_name='read back')),
                ('dummy_birth_date', models.BooleanField(default=False, help_text='Write 1 January 1900 where an image has no birth date: some clinical receivers refuse images without one.', verbose_name='dummy birth date')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('projects', models.ManyToManyField(blank=True, related_name='package_destinations', to='projects.project')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.UUIDField(editable=False, null=True)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('attempt', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('not_before', models.DateTimeField(editable=False, null=True)),
                ('rung_at', models.DateTimeField(editable=False, null=True)),
                ('claimed_at', models.DateTimeField(editable=False, null=True)),
                ('reason', models.CharField(blank=True, default='', editable=False, max_length=500)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Being sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('remote_id', models.CharField(blank=True, default='', editable=False, max_length=1000)),
                ('done_bytes', models.PositiveBigIntegerField(default=0, editable=False)),
                ('done_images', models.PositiveIntegerField(default=0, editable=False)),
                ('proof', models.CharField(blank=True, choices=[('read_back', 'read back and compared'), ('sum', "the destination's own sum agrees"), ('counted', 'every image was counted there'), ('size', 'the size there agrees'), ('answered', 'every image was answered for'), ('', 'not confirmed')], default='', max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exports.package')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('destination', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exports.packagedestination')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='downloadlink',
            constraint=models.CheckConstraint(condition=models.Q(('use_count__lte', models.F('most_uses'))), name='no_link_is_used_more_than_allowed'),
        ),
        migrations.AddConstraint(
            model_name='downloadlink',
            constraint=models.CheckConstraint(condition=models.Q(('most_uses__gte', 1), ('most_uses__lte', 20)), name='a_link_is_used_a_few_times'),
        ),
        migrations.AddConstraint(
            model_name='downloadlink',
            constraint=models.CheckConstraint(condition=models.Q(('wrong_count__lte', 5)), name='wrong_codes_close_a_link'),
        ),
        migrations.AddConstraint(
            model_name='download',
            constraint=models.UniqueConstraint(condition=models.Q(('link', None)), fields=('package', 'person'), name='one_count_per_package_and_person'),
        ),
        migrations.AddConstraint(
            model_name='download',
            constraint=models.UniqueConstraint(condition=models.Q(('link__isnull', False)), fields=('link',), name='one_count_per_link'),
        ),
        migrations.AddConstraint(
            model_name='download',
            constraint=models.CheckConstraint(condition=models.Q(('person__isnull', False), ('link__isnull', False), _connector='OR'), name='somebody_takes_a_download'),
        ),
        migrations.AddConstraint(
            model_name='packagedestination',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['sftp', 's3', 'dicom', 'upload'])), name='package_destination_is_known'),
        ),
        migrations.AddConstraint(
            model_name='packagedestination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'sftp'), _negated=True), models.Q(('host_key', ''), _negated=True), _connector='OR'), name='an_sftp_server_is_known_by_its_key'),
        ),
        migrations.AddConstraint(
            model_name='packagedestination',
            constraint=models.CheckConstraint(condition=models.Q(('is_plain', False), ('host__in', ('127.0.0.1', 'localhost', '[::1]')), _connector='OR'), name='only_this_machine_is_reached_without_tls'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'sending', 'delivered'))), fields=('package', 'destination'), name='a_package_goes_once_to_a_destination'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'delivered', 'failed', 'cancelled'])), name='package_delivery_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'sending')), ('ended_at__isnull', False), _connector='OR'), name='a_delivery_that_stands_still_has_ended'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), models.Q(('proof', ''), _negated=True), _connector='OR'), name='what_is_delivered_was_confirmed'),
        ),
    ]
