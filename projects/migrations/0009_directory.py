import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0008_memberships'),
    ]

    operations = [
        migrations.CreateModel(
            name='DirectoryGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Its name in normal form.', max_length=500, unique=True)),
                ('dn', models.CharField(max_length=500, verbose_name='distinguished name')),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='DirectoryRenewal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('outcome', models.CharField(choices=[('done', 'Everything was compared'), ('away', 'The directory did not answer'), ('unclear', 'Its answer cannot be relied on')], max_length=8)),
                ('people_count', models.PositiveIntegerField(default=0)),
                ('changed_count', models.PositiveIntegerField(default=0)),
                ('closed_count', models.PositiveIntegerField(default=0)),
                ('sentences', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['done', 'away', 'unclear'])), name='renewal_outcome_is_known')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_id', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('dn', models.CharField(max_length=500, verbose_name='distinguished name')),
                ('hospital_role', models.CharField(blank=True, choices=[('', 'None'), ('data_office', 'Data office'), ('auditor', 'Auditor')], max_length=16)),
                ('is_gone', models.BooleanField(default=False, help_text='The directory closed the account; it may open it again.')),
                ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('groups', models.ManyToManyField(blank=True, related_name='people', to='projects.directorygroup')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='directory_person', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('hospital_role__in', ['', 'data_office', 'auditor'])), name='directory_hospital_role_is_known')],
            },
        ),
        migrations.CreateModel(
            name='GroupRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, choices=[('owner', 'Owner (principal investigator)'), ('administrator', 'Project administrator'), ('data_manager', 'Data manager'), ('researcher', 'Researcher'), ('controller', 'Controller (reads only)')], max_length=16)),
                ('hospital_role', models.CharField(blank=True, choices=[('', 'None'), ('data_office', 'Data office'), ('auditor', 'Auditor')], max_length=16)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gives', to='projects.directorygroup')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='group_roles', to='projects.project')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('hospital_role', ''), ('project__isnull', False), ('role__in', ['owner', 'administrator', 'data_manager', 'researcher', 'controller'])), models.Q(('hospital_role__in', ['data_office', 'auditor']), ('project__isnull', True), ('role', '')), _connector='OR'), name='a_group_gives_one_role'), models.UniqueConstraint(fields=('group', 'project'), name='one_role_per_group_and_project'), models.UniqueConstraint(condition=models.Q(('project__isnull', True)), fields=('group',), name='one_hospital_role_per_group')],
            },
        ),
    ]

