"""How checks end: what wears its workers out, what is past its time, what nobody owns any more."""

from django.db import transaction
from django.utils import timezone

from projects.models import AuditEvent
from review.check_files import delete_files, tokens_on_disk
from review.models import Check, CheckState
from review.models.checks import KEPT


def give_up_checks() -> int:
    """Close checks whose attempts are used up, and delete their files; return how many."""
    closed = 0
    for check in Check.objects.worn_out():
        now = timezone.now()
        closed += (
            Check.objects.worn_out()
            .filter(pk=check.pk)
            .update(
                state=CheckState.FAILED,
                ended_at=now,
                expires_at=now + KEPT,
                owner=None,
                lease_until=None,
                reason="Its worker stopped without an answer, again and again.",
            )
        )
        delete_files(check.token)
    return closed


def delete_past_checks() -> int:
    """Delete checks whose time has passed, and files that no check needs; return how many."""
    past = list(Check.objects.past())
    for check in past:
        delete_check(check)
        AuditEvent.record(None, "expired", check)
    delete_stray_files()
    return len(past)


def delete_check(check: Check) -> None:
    """Delete a check with its results and its files."""
    pk = check.pk
    with transaction.atomic():
        check.delete()
    check.pk = pk  # whoever writes into the audit names it once more
    delete_files(check.token)


def delete_stray_files() -> None:
    """Delete the files of checks that are gone or done: a worker was killed before it could."""
    on_disk = list(tokens_on_disk())  # before the rows are read: what begins now is not stray
    needed = set(
        Check.objects.filter(state__in=(CheckState.OPEN, CheckState.WAITING)).values_list(
            "token", flat=True
        )
    )
    for token in on_disk:
        if token not in needed:
            delete_files(token)
