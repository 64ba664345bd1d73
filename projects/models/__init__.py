"""People, projects, participants, audit: what every room above stands on."""

from projects.keyring import DataKey
from projects.models.audit import AuditEvent
from projects.models.participants import Participant
from projects.models.people import Membership, User
from projects.models.projects import EndAction, Event, HoldPolicy, Project, ProjectYear, Site
from projects.models.seals import AuditCheck, AuditPruning, AuditSeal

__all__ = [
    "AuditCheck",
    "AuditEvent",
    "AuditPruning",
    "AuditSeal",
    "DataKey",
    "EndAction",
    "Event",
    "HoldPolicy",
    "Membership",
    "Participant",
    "Project",
    "ProjectYear",
    "Site",
    "User",
]
