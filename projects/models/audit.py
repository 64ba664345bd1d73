"""What was done, by whom, to what: ids and closed words, never values; never changed."""

import re
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone

from projects.models.people import User
from projects.models.places import DIGEST_DIGITS, AuditReason, address_digest, reason_digest
from projects.models.projects import Project
from projects.origin import DOOR_LENGTH, origin

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOSED_WORD = re.compile(r"[a-z0-9_.:-]{0,64}")


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Audit events by what they are about."""

    def about(self, thing: models.Model) -> Self:
        """Those about one row."""
        return self.filter(object_type=thing._meta.label_lower, object_id=thing.pk)


class AuditEvent(models.Model):
    """One thing that was done. A trigger refuses changes and deletions."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    # Null in what was written before there were such columns: its seal does not cover them.
    through = models.CharField(max_length=DOOR_LENGTH, null=True)  # noqa: DJ001
    token_id = models.BigIntegerField(null=True)  # of REST; stays when the token is gone
    address = models.CharField(max_length=DIGEST_DIGITS, null=True)  # noqa: DJ001
    why = models.CharField(max_length=DIGEST_DIGITS, null=True)  # noqa: DJ001

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id"]),
            *(
                models.Index(fields=[name, "at"], name=f"audit_by_{name}")
                for name in ("actor", "project", "verb", "object_type", "address")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"

    @classmethod
    def record(
        cls,
        by: User | None,
        verb: str,
        thing: models.Model,
        *,
        project: Project | None = None,
        why: str = "",
        **facts: int | bool | str | None,
    ) -> "AuditEvent":
        """Write one event; `by` is None for the program itself.

        `why` is the reason that a person typed. The event holds its digest alone. Raises
        ValueError if a fact could be a value: only numbers and closed lower-case words.
        """
        _check(facts)
        coming = origin()
        coming.wrote = True
        event = cls.objects.create(
            actor=by,
            verb=verb,
            object_type=thing._meta.label_lower,
            object_id=thing.pk,
            project=project or _project_of(thing),
            facts=facts,
            through=coming.door,
            token_id=coming.token,
            address=address_digest(coming.address),
            why=reason_digest(why) if why else "",
        )
        if why:
            AuditReason.objects.create(event_id=event.pk, text=why)
        return event


def _project_of(thing: models.Model) -> Project | None:
    found: Any = thing if isinstance(thing, Project) else getattr(thing, "project", None)
    return found if isinstance(found, Project) else None


def _check(facts: "Mapping[str, Any]") -> None:
    for name, value in facts.items():
        is_word = isinstance(value, str) and CLOSED_WORD.fullmatch(value)
        if value is not None and not isinstance(value, int) and not is_word:
            raise ValueError(f"The audit fact {name} must be a number or a closed word.")
