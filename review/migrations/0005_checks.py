from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("review", "0004_saved_views")]

    operations = []
