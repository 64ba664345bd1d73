from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_second_reviewer")]

    operations = [
        migrations.AlterField(
            model_name="project",
            name="end_action",
            field=models.CharField(
                choices=[
                    ("delete", "Delete the data"),
                    ("anonymise", "Keep images, destroy the coupling"),
                ],
                default="delete",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="project",
            name="hold_policy",
            field=models.CharField(
                choices=[
                    ("rest", "Send the rest, hold those images"),
                    ("whole", "Send nothing until all may leave"),
                ],
                default="rest",
                max_length=8,
            ),
        ),
    ]
