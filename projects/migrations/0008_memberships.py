from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_words_of_holding")]

    operations: list = []
