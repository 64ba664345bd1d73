from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("review", "0002_origins_and_risk")]

    operations = []
