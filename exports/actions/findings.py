"""What people decide about a package that is held at the door: let it go, or reject it.

A package is decided as a whole: it leaves with everything that was found in it, or not at all.
Where the project demands two people, a release waits for the second; a rejection never does.
"""

import json

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from exports.expiry import taken_back
from exports.models import Package, PackageFinding
from exports.states import State
from projects.models import AuditEvent, User
from projects.roles import Permission
from review.currency import refuse_unsigned
from transfers.actions.requests import refuse_unapproved
from transfers.actions.verdicts import NOTHING_OPEN, UNREADABLE, checked_reason
from transfers.states import FindingVerdict

TAKEN_BACK = (
    "A study in this package was moved or cancelled since it was built. Ask for another package."
)


@transaction.atomic
def release_package(*, by: User, package: Package, reason: str) -> bool:
    """Let a held package go, with all that was found in it; tell whether it is ready now.

    Where the project demands two people, it waits for the second. Raises PermissionDenied, and
    ValidationError without a reason, outside of the approval, if a sign-off is missing, if an
    image in it was taken back, and for what could not be read: nobody can say what would leave.
    """
    package = _locked(by, package)
    reason = checked_reason(reason)
    _refuse_to_let_go(package)
    findings = package.findings.filter(is_holding=True, verdict=FindingVerdict.OPEN)
    if not findings.exists():
        raise ValidationError(NOTHING_OPEN)
    if findings.filter(kind=UNREADABLE).exists():
        raise ValidationError("A package with a member that cannot be read can only be rejected.")
    needs_second = package.project.two_person_release
    verdict = FindingVerdict.AWAITING if needs_second else FindingVerdict.RELEASED
    count = findings.update(verdict=verdict, verdict_by=by, verdict_at=Now(), verdict_reason=reason)
    verb = "proposed_release" if needs_second else "released"
    AuditEvent.record(by, verb, package, why=reason, findings=count)
    return _let_go(package)


@transaction.atomic
def confirm_package(*, by: User, package: Package) -> bool:
    """Confirm a release as the second person; tell whether the package is ready now.

    Raises PermissionDenied, and ValidationError for one's own release and as release_package does.
    """
    package = _locked(by, package)
    _refuse_to_let_go(package)
    waiting = package.findings.filter(is_holding=True, verdict=FindingVerdict.AWAITING)
    others = list(waiting.exclude(verdict_by__in=by.accounts).values_list("pk", flat=True))
    if not others and waiting.exists():
        raise ValidationError("You released this yourself; somebody else must confirm it.")
    if not others:
        raise ValidationError("No release waits for a second person here any more.")
    PackageFinding.objects.filter(pk__in=others).update(
        verdict=FindingVerdict.RELEASED, second_by=by, second_at=Now()
    )
    AuditEvent.record(by, "confirmed_release", package, findings=len(others))
    return _let_go(package)


@transaction.atomic
def withdraw_package_release(*, by: User, package: Package) -> None:
    """Take one's own release back while it waits for a second person."""
    package = _locked(by, package)
    waiting = package.findings.filter(verdict=FindingVerdict.AWAITING, verdict_by=by)
    if not waiting.update(
        verdict=FindingVerdict.OPEN, verdict_by=None, verdict_at=None, verdict_reason=""
    ):
        raise ValidationError("No release of yours waits here any more.")
    AuditEvent.record(by, "withdrew_release", package)


@transaction.atomic
def reject_package(*, by: User, package: Package, reason: str) -> None:
    """Keep a held package from leaving, for good: its file is deleted.

    Raises PermissionDenied, and ValidationError without a reason or if it is not held.
    """
    package = _locked(by, package)
    reason = checked_reason(reason)
    package.findings.filter(verdict__in=(FindingVerdict.OPEN, FindingVerdict.AWAITING)).update(
        verdict=FindingVerdict.REJECTED, verdict_by=by, verdict_at=Now(), verdict_reason=reason
    )
    Package.objects.filter(pk=package.pk).update(
        state=State.FAILED,
        reason="Somebody rejected it because of what was found at the door.",
        ended_at=Now(),
    )
    AuditEvent.record(by, "rejected", package, why=reason)


def show_finding(*, by: User, finding: PackageFinding) -> tuple[str, list[str]]:
    """Return where exactly something was found: the way to it, and some of the members.

    Both may hold what was found, so that only those see them who may see identified data, and it
    is written down. Raises PermissionDenied.
    """
    project = finding.package.project
    if not by.may(Permission.SEE_IDENTIFIED, project):
        raise PermissionDenied
    AuditEvent.record(by, "showed_finding", finding.package, finding=finding.pk)
    detail = json.loads(finding.detail)
    return detail["path"], detail["members"]


def _locked(by: User, package: Package) -> Package:
    """Return the package, locked: two who decide at once are put in line."""
    if not by.may(Permission.RESOLVE_FINDINGS, package.project):
        raise PermissionDenied
    rows = Package.objects.filter(pk=package.pk).select_related("project")
    found: Package = rows.select_for_update(of=("self",)).get()
    if found.state != State.HELD:
        raise ValidationError(NOTHING_OPEN)
    return found


def _refuse_to_let_go(package: Package) -> None:
    refuse_unapproved(package.project)
    refuse_unsigned(package.project)
    if taken_back().filter(pk=package.pk).exists():
        raise ValidationError(TAKEN_BACK)


def _let_go(package: Package) -> bool:
    """Say that the package is ready if nothing holds it any more."""
    if package.findings.holding().exists():
        return False
    Package.objects.filter(pk=package.pk).update(
        state=State.READY, expires_at=Now() + package.kept, reason=""
    )
    return True
