"""What was confirmed until now was confirmed by the answer to its C-STORE: say so."""

from typing import Any

from django.db import migrations
from django.db.models import F


def confirmed_was_accepted(apps: Any, _schema_editor: object) -> None:
    ledger = apps.get_model("transfers", "LedgerEntry")
    ledger.objects.filter(confirmed_at__isnull=False, accepted_at=None).update(
        accepted_at=F("confirmed_at")
    )
    deliveries = apps.get_model("transfers", "Delivery")
    deliveries.objects.filter(state="delivered", proof="").update(proof="accepted")


class Migration(migrations.Migration):
    dependencies = [("transfers", "0004_counted_deliveries")]

    operations = [
        migrations.RunPython(confirmed_was_accepted, migrations.RunPython.noop, elidable=True)
    ]
