from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("transfers", "0010_rules_of_the_review")]

    operations = []
