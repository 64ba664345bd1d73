"""People, projects, participants, audit: what every room above stands on."""

from projects.keyring import DataKey
from projects.models.access_reviews import AccessAnswer, AccessReview, Answer
from projects.models.audit import AuditEvent
from projects.models.directory import (
    DirectoryGroup,
    DirectoryPerson,
    DirectoryRenewal,
    GroupRole,
    Renewal,
)
from projects.models.participants import Participant
from projects.models.people import Membership, Source, User
from projects.models.places import AuditPlace, AuditReason, AuditRelay
from projects.models.projects import EndAction, Event, HoldPolicy, Project, ProjectYear, Site
from projects.models.scope import within_sites
from projects.models.seals import AuditCheck, AuditPruning, AuditSeal
from projects.models.tokens import KeptAnswer, RequestCount, Token
from projects.seats import EVERY_SITE, Seat

__all__ = [
    "EVERY_SITE",
    "AccessAnswer",
    "AccessReview",
    "Answer",
    "AuditCheck",
    "AuditEvent",
    "AuditPlace",
    "AuditPruning",
    "AuditReason",
    "AuditRelay",
    "AuditSeal",
    "DataKey",
    "DirectoryGroup",
    "DirectoryPerson",
    "DirectoryRenewal",
    "EndAction",
    "Event",
    "GroupRole",
    "HoldPolicy",
    "KeptAnswer",
    "Membership",
    "Participant",
    "Project",
    "ProjectYear",
    "Renewal",
    "RequestCount",
    "Seat",
    "Site",
    "Source",
    "Token",
    "User",
    "within_sites",
]
