"""What a project brings about its participants: birth dates, ages, new identifiers, by pseudonym.

Rows are never changed: what a package was asked for with stays true until it is built. Another
file becomes another table.
"""

import json
from typing import Any

from django.db import models

from projects.encryption import EncryptedTextField
from projects.models import Participant, Project, User


class ParticipantTable(models.Model):
    """One file that was brought in. `columns` are their names, without the participant's."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="participant_tables")
    name = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_participant_table_per_name"
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="a_participant_table_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"participant table {self.pk}"


class ParticipantRow(models.Model):
    """What a table says of one participant: column -> text, encrypted as a whole."""

    table = models.ForeignKey(ParticipantTable, models.CASCADE, related_name="rows")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    cells = EncryptedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "participant"], name="one_row_per_participant_and_table"
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.pk}"

    @property
    def values(self) -> dict[str, str]:
        """The cells by the name of their column."""
        found: dict[str, Any] = json.loads(self.cells) if self.cells else {}
        return {str(name): str(value) for name, value in found.items()}
