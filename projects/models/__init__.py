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
from projects.models.people import Membership, User
from projects.models.places import AuditPlace, AuditReason, AuditRelay
from projects.models.projects import EndAction, Event, HoldPolicy, Project, ProjectYear, Site
from projects.models.seals import AuditCheck, AuditPruning, AuditSeal
from projects.models.tokens import KeptAnswer, RequestCount, Token

__all__ = [
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
    "Site",
    "Token",
    "User",
]
