"""manage.py changepassword: as Django has it, and in the audit."""

import getpass
from typing import Any

from django.contrib.auth.management.commands.changepassword import Command as MadeByDjango

from projects.models import AuditEvent, User


class Command(MadeByDjango):
    """Give somebody another password."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Change it, and write down whose it was."""
        said: str | None = super().handle(*args, **options)
        user = User.objects.get(username=options["username"] or getpass.getuser())
        AuditEvent.record(None, "changed_password", user)
        return said
