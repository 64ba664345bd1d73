"""What the node hears about instances that were sent on: answers to storage commitment."""

from django.db import models
from django.db.models import Q


class StorageCommitment(models.Model):
    """One question whether a peer keeps certain instances for good, and its answer.

    Whoever sent them asks and writes the row first; the node files the answer, which may come
    minutes later over an association of its own. An answer to a transaction that nobody asked for
    is refused. UIDs are those the instances were sent under: pseudonymous ones.

    Source: DICOM PS3.4 annex J.
    """

    transaction_uid = models.CharField(max_length=64, unique=True)
    ae_title = models.CharField(max_length=16)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    committed = models.JSONField(default=list, help_text="SOP Instance UIDs it keeps.")
    failed = models.JSONField(default=list, help_text="SOP Instance UIDs it does not keep.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=False) | Q(committed=[], failed=[]),
                name="only_an_answer_commits",
            )
        ]

    def __str__(self) -> str:
        return f"storage commitment {self.pk}"
