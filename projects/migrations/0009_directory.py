from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_memberships")]

    operations: list = []
