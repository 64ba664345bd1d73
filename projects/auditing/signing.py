"""Writing down who signed in and out, and who was refused.

The name that a refused person typed is not kept: people type passwords into that field. A keyed
digest of it stands in the event, so that tries of the same name are seen as such; where the name is
somebody's, the event is about them.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from projects.directory.people import is_break_glass
from projects.encryption import blind_index
from projects.models import AuditEvent, User
from projects.models.places import address_digest
from projects.origin import origin

AGAIN_AFTER = timedelta(hours=1)


def record_sign_in(user: User) -> None:
    """Write down that somebody signed in; beside the directory by a verb of its own."""
    AuditEvent.record(user, "signed_in_locally" if is_break_glass(user) else "signed_in", user)


def note_password_use(user: User) -> None:
    """Write down that a script signs in with a password on each request: once an hour."""
    known = AuditEvent.objects.filter(
        actor=user,
        verb__in=("signed_in", "signed_in_locally"),
        address=address_digest(origin().address),
        at__gt=timezone.now() - AGAIN_AFTER,
    )
    if not known.exists():
        record_sign_in(user)


def record_refusal(name: str) -> None:
    """Write down that a name and a password were not taken."""
    AuditEvent.record(None, "sign_in_failed", _whose(name), name=name_digest(name))


def record_lock_out(name: str) -> None:
    """Write down that no further try is taken; once for as long as that lasts."""
    digest = name_digest(name)
    known = AuditEvent.objects.filter(
        verb="locked_out",
        address=address_digest(origin().address),
        at__gt=timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME),
        facts={"name": digest},
    )
    if not known.exists():
        AuditEvent.record(None, "locked_out", _whose(name), name=digest)


def name_digest(name: str) -> str:
    """Return what stands for a typed name."""
    return blind_index(name, "sign-in name")


def _whose(name: str) -> User:
    """Return the account of that name, or nobody's."""
    return User.objects.filter(username=name).first() or User()
