import django.db.models.deletion
from django.db import migrations, models

EMPTIED = (
    "SeriesValue",
    "SeriesElement",
    "ParticipantValue",
    "ParticipantElement",
    "ElementValue",
    "ElementUse",
    "Value",
    "Element",
    "ResearchSeries",
    "ProjectIndex",
)


def empty_the_index(apps, schema_editor):
    """Take out what the sweep builds anew: its rows do not say which scanner they came from."""
    for name in EMPTIED:
        rows = apps.get_model("review", name)._default_manager.all()
        rows._raw_delete(rows.db)
    studies = apps.get_model("review", "ResearchStudy")._default_manager
    studies.update(
        state="waiting",
        series_count=0,
        instance_count=0,
        owner=None,
        lease_until=None,
        attempt=0,
        not_before=None,
        rung_at=None,
        reason="",
        as_of=models.F("indexed_at"),
    )
    if schema_editor.connection.vendor == "postgresql":
        # references are checked now, so that the tables may be changed in the same transaction
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="researchstudy",
            name="as_of",
            field=models.DateTimeField(
                null=True,
                help_text="While the index is built anew: when what this study holds was first seen.",
            ),
        ),
        migrations.RunPython(empty_the_index, migrations.RunPython.noop),
        migrations.AddField(
            model_name="element",
            name="lone_value_count",
            field=models.PositiveBigIntegerField(
                default=0, help_text="Listed values that only one participant has."
            ),
        ),
        migrations.AddField(
            model_name="element",
            name="first_seen_at",
            field=models.DateTimeField(default=None),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="element",
            name="changed_at",
            field=models.DateTimeField(default=None, help_text="When a listed value was last new."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="element",
            name="risk",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="0 to 4; see review/risk.py."
            ),
        ),
        migrations.AddField(
            model_name="element",
            name="risk_score",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="element",
            name="risk_reasons",
            field=models.JSONField(default=list, help_text="Pairs of a reason's code and number."),
        ),
        migrations.AddField(
            model_name="value",
            name="looks",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What it looks like: letters of LOOKS.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="elementvalue",
            name="first_seen_at",
            field=models.DateTimeField(default=None),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Origin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False, help_text="SHA-256 of all below.", max_length=64
                    ),
                ),
                ("modality", models.CharField(blank=True, default="", max_length=16)),
                ("manufacturer", models.CharField(blank=True, default="", max_length=64)),
                (
                    "manufacturer_model_name",
                    models.CharField(blank=True, default="", max_length=64),
                ),
                ("device_serial_number", models.CharField(blank=True, default="", max_length=64)),
                ("series_count", models.PositiveIntegerField(default=0)),
                ("instance_count", models.PositiveBigIntegerField(default=0)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.event",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="origins",
                        to="projects.project",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.site",
                    ),
                ),
            ],
            options={
                "ordering": [
                    "modality",
                    "manufacturer",
                    "manufacturer_model_name",
                    "device_serial_number",
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "digest"), name="one_origin_per_project"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="element",
            name="study_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="StudyElement",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "study_id",
                        "element_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("series_count", models.PositiveIntegerField()),
                (
                    "element",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.element",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.researchstudy",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OriginValue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "origin_id",
                        "element_id",
                        "value_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("instance_count", models.PositiveBigIntegerField()),
                ("series_count", models.PositiveIntegerField()),
                (
                    "element",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.element",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.origin",
                    ),
                ),
                (
                    "value",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.value",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["value", "element"], name="origin_values_by_value")
                ]
            },
        ),
        migrations.CreateModel(
            name="ElementDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=1)),
                ("row", models.CharField(max_length=500)),
                ("series_count", models.PositiveIntegerField(default=0)),
                (
                    "element",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="review.element",
                    ),
                ),
                (
                    "plan_version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="transfers.planversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("element", "plan_version", "action", "row"),
                        name="one_decision_per_element_plan_and_row",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ElementLook",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "element_id",
                        "looks",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("looks", models.CharField(max_length=16)),
                ("value_count", models.PositiveBigIntegerField()),
                (
                    "element",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="value_looks",
                        to="review.element",
                    ),
                ),
            ],
        ),
        migrations.DeleteModel(name="ElementUse"),
        migrations.CreateModel(
            name="ElementUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "element_id",
                        "origin_id",
                        "vr",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("vr", models.CharField(max_length=2)),
                ("instance_count", models.PositiveBigIntegerField()),
                ("series_count", models.PositiveIntegerField()),
                (
                    "element",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="review.element",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="review.origin",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="researchseries",
            name="origin",
            field=models.ForeignKey(
                default=None,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="series",
                to="review.origin",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="researchseries",
            name="plan_version",
            field=models.ForeignKey(
                db_index=False,
                default=None,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="transfers.planversion",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="serieselement",
            name="decision",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                default=None,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="review.elementdecision",
            ),
            preserve_default=False,
        ),
    ]
