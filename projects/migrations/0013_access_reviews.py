from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0012_keys")]

    operations: list = []
