from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0006_door'),
        ('projects', '0007_words_of_holding'),
        ('review', '0006_beyond_headers'),
        ('transfers', '0012_mends'),
    ]

    operations = []
