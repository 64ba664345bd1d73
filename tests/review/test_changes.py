"""The versions of a plan: who, when, why, what became different, and going back to one."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from deidentify.rules import Rule
from projects.roles import Role
from review.actions.rules import make_rule_of_review
from review.changes import comparison_of, progress_of
from tests.factories import UserFactory
from tests.review.renewed import COMMENTS, make_renewed
from transfers import actions
from transfers.actions.renewals import start_waiting
from transfers.models import ProjectRule, Renewal
from transfers.renewing import renew_transfers
from transfers.screening import WITHHELD
from transfers.states import RuleSource

pytestmark = pytest.mark.django_db
REASON = "A comment names a person."
BACK = "The comments are needed after all."


@pytest.fixture
def renewed(tmp_path):
    return make_renewed(tmp_path / "in")


def remove(renewed, reason=REASON):
    return make_rule_of_review(
        by=renewed.desk.kari,
        element=renewed.element(),
        rule=Rule(COMMENTS, "remove"),
        reason=reason,
    )


def page_of(number=None):
    if number is None:
        return reverse("review-changes", args=["BICAM"])
    return reverse("review-change", args=["BICAM", number])


def test_version_tells_who_why_what_and_what_became_different(renewed, client):
    client.force_login(renewed.desk.kari)
    remove(renewed)
    moving = client.get(page_of(2)).content.decode()
    renewed.work()

    done, history = (client.get(page).content.decode() for page in (page_of(2), page_of()))

    assert "1 running, 0 still to run" in moving
    assert "every 2s" in moving
    assert "All have run." in done
    assert "every 2s" not in done
    assert "3 of 3 images in 1 transfer came out differently." in done
    assert COMMENTS in done
    assert "New rule. Image Comments, wherever it stands: removed." in done
    assert REASON in history
    assert renewed.desk.kari.display_name in history
    assert "1 was to run again: 1 done." in history


def test_going_back_is_a_new_version_and_runs_again_what_was_made_otherwise(renewed, client):
    remove(renewed)
    renewed.work()
    client.force_login(renewed.desk.kari)

    shown = client.get(page_of(1)).content.decode()
    answer = client.post(page_of(1), {"reason": BACK})
    renewed.work()

    assert "Withdrawn rule. Image Comments" in shown
    assert answer.url == page_of(3)
    assert (renewed.present.number, renewed.present.rules) == (3, [])
    assert renewed.present.rolled_back_to.number == 1
    assert renewed.versions() == [3, 1]  # the other one was made by what v3 does as well
    assert renewed.element().instance_count == 3
    assert ProjectRule.objects.get().withdrawn_by == renewed.desk.kari
    changed = {(row.path, row.what): row for row in comparison_of(renewed.present).elements}
    assert changed[COMMENTS, "added"].instance_count == 3
    assert changed[COMMENTS, "added"].element == renewed.element().pk


def test_going_forth_again_makes_the_rule_hold_again(renewed):
    kari = renewed.desk.kari
    ruled = remove(renewed).since
    first = renewed.desk.project.plan_versions.get(number=1)
    actions.roll_back(by=kari, version=first, reason=BACK)

    again = actions.roll_back(by=kari, version=ruled, reason="No, they are not.")

    live = ProjectRule.objects.live().get()
    assert (live.element, live.action, live.since) == (COMMENTS, "remove", again)
    assert again.digest == ruled.digest
    assert ProjectRule.objects.count() == 2


def test_rule_that_was_made_because_of_a_finding_has_to_be_given_up_by_name(renewed, client):
    rule = remove(renewed)
    ProjectRule.objects.update(made_in=RuleSource.HELD)
    first = renewed.desk.project.plan_versions.get(number=1)
    client.force_login(renewed.desk.kari)

    with pytest.raises(ValidationError, match="because something was found"):
        actions.roll_back(by=renewed.desk.kari, version=first, reason=BACK)
    page = client.get(page_of(1)).content.decode()
    client.post(page_of(1), {"reason": BACK, "rule": str(rule.pk)})

    assert "Give up: Image Comments, wherever it stands: removed." in page
    assert renewed.present.rolled_back_to == first


def test_going_back_needs_both_rights_a_reason_and_another_plan(renewed, client):
    ruled = remove(renewed).since
    project = renewed.desk.project
    first = project.plan_versions.get(number=1)
    owner = UserFactory()
    project.memberships.create(user=owner, role=Role.OWNER)  # decides about no finding
    client.force_login(owner)

    assert not client.get(page_of(1)).context["may_go_back"]
    for by, version, reason, error in (
        (owner, first, BACK, PermissionDenied),
        (UserFactory(), first, BACK, PermissionDenied),
        (renewed.desk.kari, first, " ", ValidationError),
        (renewed.desk.kari, ruled, BACK, ValidationError),
    ):
        with pytest.raises(error):
            actions.roll_back(by=by, version=version, reason=reason)

    assert project.plan_versions.count() == 2


def test_what_there_is_no_room_for_waits_and_the_sweep_starts_it(renewed, monkeypatch):
    monkeypatch.setattr("transfers.actions.renewals.AT_ONCE", 1)
    rule = make_rule_of_review(
        by=renewed.desk.kari,
        element=renewed.element("(0008,103E)"),
        rule=Rule("(0008,103E)", "empty"),
        reason=REASON,
    )
    states = [list(Renewal.objects.values_list("state", flat=True))]

    assert start_waiting(renewed.desk.project) == 0
    renewed.work()
    renew_transfers()
    states.append(list(Renewal.objects.values_list("state", flat=True)))
    renewed.work()

    assert states == [["started", "waiting"], ["started", "started"]]
    assert renewed.versions() == [2, 2]
    progress = progress_of(rule.since)
    assert (progress.done, progress.total, progress.is_moving) == (2, 2, False)


def test_one_run_serves_every_version_that_waits(renewed, monkeypatch):
    monkeypatch.setattr("transfers.actions.renewals.AT_ONCE", 0)
    remove(renewed)
    actions.roll_back(
        by=renewed.desk.kari,
        version=renewed.desk.project.plan_versions.get(number=1),
        reason=BACK,
    )
    remove(renewed)
    monkeypatch.undo()

    started = start_waiting(renewed.desk.project)

    assert started == 1
    assert set(Renewal.objects.values_list("state", "run__plan_version__number")) == {
        ("started", 4)
    }


def test_reason_that_names_a_patient_is_withheld_wherever_it_is_shown(renewed, client):
    remove(renewed, reason="Fjell Turid does not want it.")
    client.force_login(renewed.desk.kari)
    plan = reverse("project-plan", args=["BICAM"])
    difference = reverse("transfer-difference", args=[renewed.commented.pk])
    renewed.work()

    for page in (page_of(), page_of(2), plan, difference):
        text = client.get(page).content.decode()
        assert WITHHELD in text, page
        assert "Fjell" not in text, page


def test_stranger_finds_no_page_and_everybody_of_the_project_reads(renewed, client):
    remove(renewed)
    controller = UserFactory()
    renewed.desk.project.memberships.create(user=controller, role=Role.CONTROLLER)

    seen = {}
    for name, user in (("stranger", UserFactory()), ("controller", controller)):
        client.force_login(user)
        seen[name] = [client.get(page).status_code for page in (page_of(), page_of(2))]

    assert seen == {"stranger": [404, 404], "controller": [200, 200]}
