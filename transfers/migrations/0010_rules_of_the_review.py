from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("transfers", "0009_agreements")]

    operations = []
