"""Handing a package to one person by a link: made, opened, used, revoked."""

import re
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from exports.leaving import refuse_to_leave
from exports.models import DownloadLink, OutsideLinks, Package
from exports.models.links import LONGEST, MOST_USES, WRONG_CODES
from exports.transforming.rights import may_take
from projects.models import AuditEvent, Project, User
from projects.roles import Permission

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
OVER = "This link does not open anything any more. Ask the person who sent it for another one."


class MadeLink(NamedTuple):
    """A link, and its token: to be shown now, and known to nobody afterwards."""

    link: DownloadLink
    token: str


@transaction.atomic
def make_link(
    *,
    by: User,
    package: Package,
    account: User | None = None,
    recipient: str = "",
    expires_at: datetime,
    most_uses: int = 3,
) -> MadeLink:
    """Make a link for somebody with an account, or for a named recipient by e-mail address.

    People who may not take the package themselves, with or without an account, get one only
    where the data office lets the project hand packages outside. Raises PermissionDenied, and
    ValidationError if a rule says no or the package may not leave now.
    """
    if not may_take(by, package):
        raise PermissionDenied
    refuse_to_leave(package)
    if (account is None) == (not recipient):
        raise ValidationError("Name one person: an account, or an e-mail address.")
    if recipient:
        validate_email(recipient)
    if account is not None and not account.is_active:
        raise ValidationError("This account is closed.")
    is_outside = account is None or not may_take(account, package)
    if is_outside and not _may_go_outside(package.project):
        raise ValidationError(
            f"{package.project.acronym} may hand packages to its own people only. The data office "
            "can allow it to hand them to others."
        )
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ValidationError(f"A link ends after at most {LONGEST.days} days.")
    if not 1 <= most_uses <= MOST_USES:
        raise ValidationError(f"A link can be used 1 to {MOST_USES} times.")
    token = DownloadLink.draw_token()
    link = DownloadLink.objects.create(
        package=package,
        token_digest=DownloadLink.digest(token),
        account=account,
        recipient=recipient,
        made_by=by,
        expires_at=min(expires_at, package.expires_at or expires_at),
        most_uses=most_uses,
    )
    AuditEvent.record(by, "link_made", package, link=link.pk, outside=is_outside)
    return MadeLink(link, token)


@transaction.atomic
def show_code(*, by: User, link: DownloadLink) -> str:
    """Return the code that belongs to a link for somebody outside. Raises PermissionDenied."""
    if not by.may(Permission.EXPORT, link.project):
        raise PermissionDenied
    AuditEvent.record(by, "link_code_shown", link.package, link=link.pk)
    return link.code


@transaction.atomic
def revoke_link(*, by: User, link: DownloadLink) -> None:
    """End a link; a download under way by it stops at its next range.

    Raises PermissionDenied, and ValidationError if it was revoked already.
    """
    if not by.may(Permission.WITHDRAW_PACKAGES, link.project):
        raise PermissionDenied
    rows = DownloadLink.objects.filter(pk=link.pk, revoked_at=None)
    if not rows.update(revoked_at=Now(), revoked_by=by):
        raise ValidationError("This link was revoked already.")
    AuditEvent.record(by, "link_revoked", link.package, link=link.pk)


def link_of(token: str) -> DownloadLink | None:
    """Return the link of a token, open or not; None if there is none."""
    if not TOKEN.fullmatch(token):
        return None
    links = DownloadLink.objects.select_related("package__project", "account", "made_by")
    return links.filter(token_digest=DownloadLink.digest(token)).first()


def refuse_link(link: DownloadLink, person: User | None) -> None:
    """Raise ValidationError unless a link leads to its package for the person who asks.

    It stands on the right of whoever made it: when that right is gone, the link is too.
    """
    if not link.is_open or not may_take(link.made_by, link.package):
        raise ValidationError(OVER)
    if link.account_id is not None and (person is None or person.pk != link.account_id):
        raise ValidationError("This link is for somebody else, under their own account.")
    is_outside = link.account is None or not may_take(link.account, link.package)
    if is_outside and not _may_go_outside(link.project):
        raise ValidationError(OVER)
    refuse_to_leave(link.package)


def use_link(*, link: DownloadLink, person: User | None, code: str = "") -> None:
    """Use a link once. What follows within the day, such as the rest of a download, is free.

    Not one transaction: a wrong code must stay counted. Raises ValidationError if the link is
    over or somebody else's, is used up, or the code is wrong; five wrong ones close the link.
    """
    refuse_link(link, person)
    if link.account_id is None:
        _try_code(link, code)
    rows = DownloadLink.objects.open().filter(pk=link.pk, use_count__lt=F("most_uses"))
    with transaction.atomic():
        if not rows.update(use_count=F("use_count") + 1):
            raise ValidationError("This link was used as often as it may be.")
        AuditEvent.record(person, "link_used", link.package, link=link.pk)


def _try_code(link: DownloadLink, code: str) -> None:
    """Raise ValidationError if it is not the code.

    The try is counted before the code is looked at, and given back when it is right: many
    guesses at the same time are not more than five either.
    """
    rows = DownloadLink.objects.filter(pk=link.pk, revoked_at=None)
    if not rows.filter(wrong_count__lt=WRONG_CODES).update(wrong_count=F("wrong_count") + 1):
        raise ValidationError(OVER)
    if link.takes_code(code):
        rows.update(wrong_count=F("wrong_count") - 1)
        return
    link.refresh_from_db(fields=["wrong_count"])
    AuditEvent.record(None, "link_refused", link.package, link=link.pk, count=link.wrong_count)
    if link.is_closed:
        raise ValidationError(OVER)
    raise ValidationError("This is not the code of this link.")


@transaction.atomic
def allow_outside_links(*, by: User, project: Project, allowed: bool) -> None:
    """Let a project hand packages to people who are not in it, or stop that for all its links.

    Raises PermissionDenied.
    """
    if not by.may(Permission.MANAGE_DESTINATIONS, project):
        raise PermissionDenied
    if allowed:
        OutsideLinks.objects.get_or_create(project=project, defaults={"allowed_by": by})
    else:
        OutsideLinks.objects.filter(project=project).delete()
    AuditEvent.record(by, "outside_links", project, allowed=allowed)


def _may_go_outside(project: Project) -> bool:
    return OutsideLinks.objects.filter(project=project).exists()
