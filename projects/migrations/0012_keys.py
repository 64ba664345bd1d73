from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_audit_places")]

    operations: list = []
