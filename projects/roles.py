"""Who may do what, and when: roles, permissions and phases in one table.

It is printed in the manual and proved total by a test. A role is held in a project (Membership); a
hospital role is held everywhere. Being able to see a project and being able to see identified data
are two rights: the second one is given to a member apart. A membership that is limited to sites
carries what can be parted by site (`BY_SITE`) for the participants of those sites alone, and
nothing that concerns the project as a whole, save seeing that it is there.
"""

from django.db import models


class Role(models.TextChoices):
    """What somebody is in one project."""

    OWNER = "owner", "Owner (principal investigator)"
    ADMINISTRATOR = "administrator", "Project administrator"
    DATA_MANAGER = "data_manager", "Data manager"
    RESEARCHER = "researcher", "Researcher"
    CONTROLLER = "controller", "Controller (reads only)"


class HospitalRole(models.TextChoices):
    """What somebody is for the whole hospital."""

    NONE = "", "None"
    DATA_OFFICE = "data_office", "Data office"
    AUDITOR = "auditor", "Auditor"


class Permission(models.TextChoices):
    """What can be permitted; each page and endpoint asks for one of these."""

    VIEW_PROJECT = "view_project", "See the project, its participants and transfers"
    VIEW_WHOLE = "view_whole", "See what concerns the project as a whole"
    MANAGE_PROJECT = "manage_project", "Change the project, its sites and events"
    MANAGE_MEMBERS = "manage_members", "Add and remove people"
    REQUEST_TRANSFER = "request_transfer", "Bring studies into the project"
    CANCEL_TRANSFER = "cancel_transfer", "Cancel transfers, taking back what was sent"
    RESOLVE_FINDINGS = "resolve_findings", "Release or reject what is held"
    SEE_IDENTIFIED = "see_identified", "See identified data of the project's patients"
    REVIEW = "review", "Review the tags left in the project"
    JUDGE = "judge", "Give verdicts on the tags left in the project"
    SIGN_OFF = "sign_off", "Sign off what is left in the project"
    EXPORT = "export", "Build and download packages"
    WITHDRAW_PACKAGES = "withdraw_packages", "Cancel packages, taking back links and deliveries"
    VIEW_AUDIT = "view_audit", "Read the audit"
    CREATE_PROJECT = "create_project", "Create projects"
    SEE_QUARANTINE = "see_quarantine", "See every study in quarantine"
    MANAGE_DESTINATIONS = "manage_destinations", "Change destinations"


class Phase(models.TextChoices):
    """How a project stands to its ethics approval; the dates of the approval say which it is."""

    BEFORE = "before", "Before its approval"
    APPROVED = "approved", "Approved"
    ENDED = "ended", "Approval ended"


_O, _A, _D, _R, _C = (
    Role.OWNER,
    Role.ADMINISTRATOR,
    Role.DATA_MANAGER,
    Role.RESEARCHER,
    Role.CONTROLLER,
)
_OFFICE, _AUDITOR = HospitalRole.DATA_OFFICE, HospitalRole.AUDITOR

PERMITTED: dict[Permission, frozenset[Role | HospitalRole]] = {
    Permission.VIEW_PROJECT: frozenset({_O, _A, _D, _R, _C, _OFFICE, _AUDITOR}),
    Permission.VIEW_WHOLE: frozenset({_O, _A, _D, _R, _C, _OFFICE, _AUDITOR}),
    Permission.MANAGE_PROJECT: frozenset({_O, _A, _OFFICE}),
    Permission.MANAGE_MEMBERS: frozenset({_O, _OFFICE}),
    Permission.REQUEST_TRANSFER: frozenset({_O, _A, _D}),
    Permission.CANCEL_TRANSFER: frozenset({_O, _A, _D}),
    Permission.RESOLVE_FINDINGS: frozenset({_A, _D, _OFFICE}),
    Permission.SEE_IDENTIFIED: frozenset({_A, _D, _OFFICE}),
    Permission.REVIEW: frozenset({_O, _A, _D, _R, _C, _OFFICE}),
    Permission.JUDGE: frozenset({_O, _A, _D, _R, _OFFICE}),
    Permission.SIGN_OFF: frozenset({_O, _A, _OFFICE}),
    Permission.EXPORT: frozenset({_O, _A, _D, _R}),
    Permission.WITHDRAW_PACKAGES: frozenset({_O, _A, _D, _R}),
    Permission.VIEW_AUDIT: frozenset({_O, _C, _OFFICE, _AUDITOR}),
    Permission.CREATE_PROJECT: frozenset({_OFFICE}),
    Permission.SEE_QUARANTINE: frozenset({_OFFICE}),
    Permission.MANAGE_DESTINATIONS: frozenset({_OFFICE}),
}


# Nothing is brought in or handed out without an approval, and nobody of the project looks at
# identified data. What is left to do then is to withdraw, to reject, to review, to extend the
# approval, and to account for what there is; the data office sees to what is still held.
_WITHOUT_APPROVAL: dict[Permission, frozenset[Role | HospitalRole]] = {
    Permission.REQUEST_TRANSFER: frozenset(),
    Permission.EXPORT: frozenset(),
    Permission.SEE_IDENTIFIED: frozenset({_OFFICE}),
}

BY_PHASE: dict[Phase, dict[Permission, frozenset[Role | HospitalRole]]] = {
    Phase.BEFORE: PERMITTED | _WITHOUT_APPROVAL,
    Phase.APPROVED: PERMITTED,
    Phase.ENDED: PERMITTED | _WITHOUT_APPROVAL,
}

BY_SITE = frozenset(
    {
        Permission.VIEW_PROJECT,
        Permission.REQUEST_TRANSFER,
        Permission.CANCEL_TRANSFER,
        Permission.RESOLVE_FINDINGS,
        Permission.SEE_IDENTIFIED,
    }
)


def is_permitted(
    permission: Permission, role: Role | HospitalRole, phase: Phase = Phase.APPROVED
) -> bool:
    """Tell whether a role carries a permission in a project of this phase."""
    return role in BY_PHASE[phase][permission]


def roles_with(permission: Permission, phase: Phase = Phase.APPROVED) -> list[Role]:
    """Return the project roles that carry a permission."""
    return [role for role in Role if role in BY_PHASE[phase][permission]]


def everywhere_with(permission: Permission, phase: Phase = Phase.APPROVED) -> list[HospitalRole]:
    """Return the hospital roles that carry a permission in every project."""
    return [role for role in HospitalRole if role and role in BY_PHASE[phase][permission]]
