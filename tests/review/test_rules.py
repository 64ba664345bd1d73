"""From "not safe" to a rule of the plan: offered, previewed, made, run again, proposed, refused."""

import pydicom
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from deidentify.rules import Rule
from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from review.actions.rules import make_rule_of_review
from review.changes import comparison_of
from review.reach import reach
from tests.factories import UserFactory
from tests.review.renewed import COMMENTS, PROTOCOL, make_renewed
from tests.transfers.arrange import outcomes
from tests.transfers.test_delta_runs import purge
from transfers import actions
from transfers.models import Difference, ProjectRule, Renewal, RuleProposal, SearchTermStore
from transfers.planning import rule_key
from transfers.states import RuleSource, Source

pytestmark = pytest.mark.django_db
REASON = "A comment names a person."


@pytest.fixture
def renewed(tmp_path):
    return make_renewed(tmp_path / "in")


def page_of(renewed, path=COMMENTS):
    return reverse("review-rule", args=["BICAM", renewed.element(path).pk])


def remove(renewed, *, by=None, action="remove", element=COMMENTS):
    return make_rule_of_review(
        by=by or renewed.desk.kari,
        element=renewed.element(element),
        rule=Rule(element, action),
        reason=REASON,
    )


def values_of(transfer, keyword):
    """The values that the latest run's files have."""
    run = transfer.runs.order_by("-number").first()
    found = []
    for outcome in run.outcomes.exclude(key="").order_by("pk"):
        with storage().fetch(outcome.key) as path:
            found.append(pydicom.dcmread(path).get(keyword))
    return sorted(found, key=str)


def test_only_transfers_whose_data_has_the_element_run_again(renewed):
    before = renewed.versions()

    made = remove(renewed)
    renewed.work()

    assert before == [1, 1]
    assert renewed.versions() == [2, 1]
    assert (made.made_in, made.finding, made.since.number) == (RuleSource.REVIEW, None, 2)
    assert made.since.reason == REASON
    assert made.since.created_by == renewed.desk.kari
    assert values_of(renewed.commented, "ImageComments") == [None, None, None]
    assert not renewed.desk.project.elements.filter(path=COMMENTS).exists()
    assert outcomes(renewed.commented.runs.first()) == {"delivered": 3}
    difference = Difference.objects.get(run__plan_version=made.since)
    assert [COMMENTS, "ImageComments", "removed", 3] in difference.elements
    assert AuditEvent.objects.filter(verb="made_rule", actor=renewed.desk.kari).count() == 1


def test_values_are_mapped_and_none_of_them_is_kept_with_the_plan(renewed, client):
    client.force_login(renewed.desk.kari)
    element = renewed.element(PROTOCOL)
    key = f"{element.element_values.get().value_id}-0"
    form = {"scope": "element", "action": "map", f"to-{key}": "T1", "others": "empty"}

    shown = client.post(page_of(renewed, PROTOCOL), {**form, "step": "try", "show": element.pk})
    made = client.post(page_of(renewed, PROTOCOL), {**form, "step": "make", "reason": REASON})
    renewed.work()

    assert "5 images" in shown.content.decode()
    assert "2 transfers run again from the originals" in shown.content.decode()
    assert made.status_code == 302
    rule = ProjectRule.objects.get()
    assert "ole" not in str(rule.values) + str(rule.since.rules)
    assert rule.as_rule() == Rule.of_values(
        PROTOCOL, {"t1 for ole": "T1"}, "empty", key=rule_key(renewed.desk.project)
    )
    assert values_of(renewed.commented, "ProtocolName") == ["T1"] * 3
    assert values_of(renewed.plain, "ProtocolName") == ["T1"] * 2


def test_preview_says_how_much_changes_and_what_becomes_of_a_value(renewed, client):
    client.force_login(renewed.desk.kari)

    page = client.post(
        page_of(renewed),
        {"scope": "element", "action": "empty", "show": renewed.element().pk, "step": "try"},
    ).content.decode()

    assert "3 images of 3 series, 1 study and 1 participant change." in page
    assert "1 transfer runs again from the originals in quarantine." in page
    assert "moved" in page
    assert not ProjectRule.objects.exists()


def test_hidden_values_are_not_in_the_page_until_asked_for(renewed, client, monkeypatch):
    monkeypatch.setattr("review.views.rules.why_hidden", lambda element: "looks")
    monkeypatch.setattr("review.views.asking.hides", lambda element: True)
    client.force_login(renewed.desk.kari)

    closed = client.get(page_of(renewed)).content.decode()
    opened = client.post(page_of(renewed), {"show": renewed.element().pk}).content.decode()

    assert "Solbakken" not in closed
    assert "moved" not in closed
    assert "Seen by" in opened
    assert AuditEvent.objects.filter(verb="showed_values").count() == 1


def test_rule_runs_over_the_copy_where_the_originals_have_gone(renewed, client):
    client.force_login(renewed.desk.kari)
    purge(renewed.commented)

    page = client.post(page_of(renewed), {"action": "remove", "step": "try"}).content.decode()
    made = remove(renewed)
    renewed.work()

    assert "1 transfer runs again over the research copy" in page
    run = renewed.commented.runs.first()
    assert (run.plan_version, run.source) == (made.since, Source.COPY)
    assert values_of(renewed.commented, "ImageComments") == [None, None, None]
    assert comparison_of(made.since).changed_count == 3


def test_what_the_standard_or_the_plan_forbids_is_said_and_not_made(renewed, client):
    client.force_login(renewed.desk.kari)
    element = renewed.element("(0018,0020)")
    page = reverse("review-rule", args=["BICAM", element.pk])

    offered = client.get(page)
    made = client.post(page, {"action": "remove", "step": "make", "reason": REASON})

    refused = {offer.action: offer.refused for offer in offered.context["offers"]}
    assert "required in these images with a value" in refused["remove"]
    assert refused["replace"] == ""
    assert made.status_code == 422
    assert "required in these images with a value" in made.content.decode()
    assert not ProjectRule.objects.exists()


def test_reviewer_without_the_right_proposes_and_somebody_who_may_makes_it(renewed, client):
    project, reviewer = renewed.desk.project, UserFactory()
    project.memberships.create(user=reviewer, role=Role.RESEARCHER)
    with pytest.raises(PermissionDenied):
        remove(renewed, by=reviewer)
    client.force_login(reviewer)
    form = {"scope": "element", "action": "remove", "reason": REASON, "step": "make"}

    client.post(page_of(renewed), form)
    proposal = RuleProposal.objects.get()
    address = reverse("review-proposal", args=["BICAM", proposal.pk])
    refused = client.post(address, {"decision": "make"})
    client.force_login(renewed.desk.kari)
    listed = client.get(reverse("review-changes", args=["BICAM"])).content.decode()
    client.post(address, {"decision": "make"})
    again = client.post(address, {"decision": "decline", "reason": "Not needed."}, follow=True)

    assert refused.status_code == 403
    assert REASON in listed
    assert "Image Comments, wherever it stands: removed." in listed
    proposal.refresh_from_db()
    assert proposal.rule == ProjectRule.objects.get()
    assert proposal.decided_by == renewed.desk.kari
    assert "decided about this proposal already" in again.content.decode()


def test_controller_reads_and_neither_makes_nor_proposes(renewed, client):
    controller = UserFactory()
    renewed.desk.project.memberships.create(user=controller, role=Role.CONTROLLER)
    client.force_login(controller)

    page = client.get(page_of(renewed))
    made = client.post(page_of(renewed), {"action": "remove", "reason": REASON, "step": "make"})

    assert page.status_code == 200
    assert made.status_code == 403
    assert not RuleProposal.objects.exists()


def test_rule_about_something_else_or_the_same_again_is_refused(renewed):
    with pytest.raises(ValidationError, match="not about this element"):
        make_rule_of_review(
            by=renewed.desk.kari,
            element=renewed.element(),
            rule=Rule(PROTOCOL, "empty"),
            reason=REASON,
        )
    remove(renewed, action="empty")

    with pytest.raises(ValidationError, match="has this rule already"):
        remove(renewed, action="empty")

    assert renewed.desk.project.plan_versions.count() == 2


def test_transfer_that_is_not_indexed_counts_as_reached(renewed):
    renewed.plain.research_study.__class__.objects.filter(transfer=renewed.plain).update(
        state="waiting"
    )

    found = reach(renewed.desk.project, Rule(COMMENTS, "remove"))

    assert (found.transfers, found.unknown) == ({renewed.commented.pk}, {renewed.plain.pk})
    assert (found.instance_count, found.series_count, found.is_exact) == (3, 3, True)


def test_transfer_that_cannot_run_again_is_said_with_its_reason(renewed):
    actions.cancel_transfer(by=renewed.desk.kari, transfer=renewed.plain)
    SearchTermStore.objects.filter(run__transfer=renewed.commented).delete()
    project = renewed.desk.project
    project.approval_end = project.approval_start
    project.save()

    made = remove(renewed)

    renewal = Renewal.objects.get(version=made.since)
    assert (renewal.transfer, renewal.state) == (renewed.commented, "refused")
    assert "approval" in renewal.reason
