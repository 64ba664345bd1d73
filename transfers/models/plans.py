"""What a project's data goes through: numbered versions, never changed once used."""

from typing import Self

from django.db import models
from django.db.models import Q

from deidentify.rules import Rule
from projects.models import Project, User
from transfers.states import RuleSource


class PlanVersion(models.Model):
    """A profile, its options and the project's own rules, as data.

    `rolled_back_to` is the older version whose data this one repeats, where it does so on purpose.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="plan_versions")
    number = models.PositiveIntegerField()
    profile = models.CharField(max_length=40, default="research")
    options = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True, default="")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    rolled_back_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_plan_per_number")
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class ProjectRuleQuerySet(models.QuerySet["ProjectRule"]):
    """Rules by whether they hold."""

    def live(self) -> Self:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawn_at=None)


class RuleData(models.Model):
    """A rule as columns: what deidentify.rules.Rule is made of. Abstract."""

    element = models.CharField(max_length=400, help_text="As deidentify.rules.Rule names it.")
    action = models.CharField(max_length=8)
    value = models.CharField(max_length=200, blank=True, default="")
    values = models.JSONField(default=list, help_text="Of a map: pairs of a mark and a text.")
    others = models.CharField(max_length=8, blank=True, default="")

    class Meta:
        abstract = True

    def as_rule(self) -> Rule:
        """Return it as the engine reads it."""
        return Rule(self.element, self.action, self.value, values=self.values, others=self.others)


class ProjectRule(RuleData):
    """A rule that somebody made for a project: what, who, when, why, and what led to it.

    `made_in` says where: at the hold desk because of a finding, or in the review. The plan version
    that it began with is the first that contains it; versions hold rules as data.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="rules")
    made_in = models.CharField(max_length=8, choices=RuleSource, default=RuleSource.HELD)
    reason = models.CharField(max_length=300)
    finding = models.ForeignKey(
        "transfers.Finding", models.SET_NULL, null=True, related_name="rules"
    )
    since = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    objects = ProjectRuleQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "element"],
                condition=Q(withdrawn_at=None),
                name="one_live_rule_per_element_and_project",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="a_rule_is_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.pk}"


class RuleProposal(RuleData):
    """A rule asked for by a reviewer who may not make it; somebody who may makes or declines it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="rule_proposals")
    reason = models.CharField(max_length=300)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=300, blank=True, default="")
    rule = models.ForeignKey(ProjectRule, models.PROTECT, null=True, related_name="proposals")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, rule=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_proposal_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"proposed rule {self.pk}"


class StoredPlan(models.Model):
    """A compiled plan as it was when a run went by it: every decision, by its digest.

    It holds no identity and no secret, and is the same for all participants it was compiled
    for. A later program decides otherwise under another digest, and this row stays.
    """

    digest = models.CharField(max_length=64, unique=True)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"plan {self.digest[:12]}"
