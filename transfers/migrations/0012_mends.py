from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("transfers", "0011_delta_runs")]

    operations = []
