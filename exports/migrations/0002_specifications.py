import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from projects.guards import APPEND_ONLY, refuse


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0001_initial'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
    ]

    operations = [
        migrations.CreateModel(
            name='SpecificationSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='specification_sheets', to='projects.project')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='one_specification_per_name_and_project', violation_error_message='The project has a specification of this name already.')],
            },
        ),
        migrations.CreateModel(
            name='SpecificationVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField(help_text='As exports.specification reads it.')),
                ('digest', models.CharField(max_length=64)),
                ('why', models.CharField(blank=True, default='', max_length=250)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='exports.specificationsheet')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('sheet', 'number'), name='one_version_per_number_and_specification')],
            },
        ),
        migrations.CreateModel(
            name='SpecificationOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='offer', to='exports.specificationversion')),
            ],
        ),
        migrations.AddField(
            model_name='specificationsheet',
            name='taken_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='exports.specificationversion'),
        ),
        refuse(
            "specification_versions_are_append_only",
            table="exports_specificationversion",
            on=["UPDATE", "DELETE"],
            when="1 = 1",
            saying=f"specification_versions_are_append_only: {APPEND_ONLY}",
        ),
    ]
