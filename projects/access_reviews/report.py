"""Who has access to what: one row per person and role, for a project, a person or the hospital."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from projects.models import Membership, Project, User
from projects.roles import PERMITTED, HospitalRole, Permission


class Access(NamedTuple):
    """One row of the report, as texts; empty where nothing is to be said."""

    project: str
    number: str
    user_name: str
    name: str
    account: str
    can_sign_in: str
    role: str
    sites: str
    identified_data: str
    since: str
    until: str
    given_by: str
    last_sign_in: str


COLUMNS = Access._fields


def may_report_all(user: User) -> bool:
    """Tell whether somebody may see who has access to everything: data office and auditors."""
    return user.may(Permission.VIEW_AUDIT)


def access_to(project: Project) -> Iterator[Access]:
    """Yield everybody who is in a project."""
    yield from _of_members(project.memberships.all())


def access_of(user: User) -> Iterator[Access]:
    """Yield everything that a person has access to."""
    yield from _of_hospital([user] if user.hospital_role else [])
    yield from _of_members(user.memberships.all())


def all_access() -> Iterator[Access]:
    """Yield everybody's access to everything: hospital-wide roles first, then by project."""
    yield from _of_hospital(User.objects.exclude(hospital_role=HospitalRole.NONE))
    yield from _of_members(Membership.objects.all())


def _of_members(members: QuerySet[Membership]) -> Iterator[Access]:
    rows = members.select_related("project", "user").prefetch_related("sites")
    for member in rows.order_by("project__acronym", "user__username"):
        has_identified = member.can_have_identified and member.has_identified
        yield Access(
            member.project.acronym,
            member.project.number,
            *_person(member.user),
            role=member.get_role_display(),
            sites=", ".join(str(site) for site in member.sites.all()) or "all",
            identified_data="yes" if has_identified else "no",
            since=member.created_at.date().isoformat(),
            until=member.until.isoformat() if member.until else "",
            given_by=member.get_source_display(),
            last_sign_in=_signed_in(member.user),
        )


def _of_hospital(people: Iterable[User]) -> Iterator[Access]:
    for user in people:
        identified = HospitalRole(user.hospital_role) in PERMITTED[Permission.SEE_IDENTIFIED]
        yield Access(
            "(all)",
            "",
            *_person(user),
            role=user.get_hospital_role_display(),
            sites="all",
            identified_data="yes" if identified else "no",
            since="",
            until="",
            given_by="",
            last_sign_in=_signed_in(user),
        )


def _person(user: User) -> tuple[str, str, str, str]:
    return (
        user.username,
        user.display_name,
        user.get_kind_display(),
        "yes" if user.is_active else "no",
    )


def _signed_in(user: User) -> str:
    return user.last_login.date().isoformat() if user.last_login else ""
