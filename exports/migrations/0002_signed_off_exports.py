from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial")]

    operations = []
