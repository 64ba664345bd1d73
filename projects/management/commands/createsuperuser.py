"""manage.py createsuperuser: as Django has it, and in the audit."""

from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as MadeByDjango

from projects.models import AuditEvent, User


class Command(MadeByDjango):
    """Make somebody who runs the portal."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account, and write down that it was made."""
        before = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.exclude(pk__in=before):
            AuditEvent.record(None, "created", user, is_superuser=user.is_superuser)
            AuditEvent.record(None, "set_superuser", user, to=user.is_superuser)
