"""Rules made at the hold desk: tried, applied by running again, shown, withdrawn."""

import pydicom
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import UserFactory
from tests.transfers.arrange import add_destination, make_desk, outcomes, request, run_to_the_end
from tests.transfers.hidden_names import (
    BLOCK,
    BLOCK_PATH,
    CSA,
    earlier_study,
    name_a_file,
    study_with,
)
from transfers import actions
from transfers.actions import rules
from transfers.models import Difference, ProjectRule
from transfers.ruled import rules_context
from transfers.states import Replaces, State
from transfers.tasks import advance
from transfers.trial import try_rule

pytestmark = pytest.mark.django_db
REASON = "Nobody needs this block."


def rule_for(desk, run, path=BLOCK_PATH, element=BLOCK_PATH, action="remove", reason=REASON):
    finding = run.findings.filter(path=path).first()
    return actions.make_rule(
        by=desk.kari, finding=finding, element=element, action=action, reason=reason
    )


@pytest.fixture
def desk(tmp_path):
    desk = make_desk()
    earlier_study(tmp_path / "before", desk)
    return desk


@pytest.fixture
def held(desk, tmp_path):
    """A held run: two images with a name in a private block, two clean ones."""
    study = study_with(tmp_path / "in", desk, BLOCK, clean=2)
    return run_to_the_end(request(desk, study))


def test_run_under_a_rule_has_nothing_left_to_find_and_says_what_changed(desk, held):
    again = rule_for(desk, held)
    run = run_to_the_end(held.transfer)

    assert run == again
    assert run.number == 2
    assert run.plan_version.number == 2
    assert run.plan_version.reason == REASON
    assert outcomes(run) == {"delivered": 4}
    assert not run.findings.exists()
    assert set(held.findings.values_list("verdict", "verdict_reason")) == {("ruled", REASON)}
    difference = Difference.objects.get(run=run)
    assert (difference.compared_count, difference.changed_count) == (4, 2)
    assert [BLOCK_PATH, "", "removed", 2] in difference.elements


def test_what_was_delivered_is_replaced_by_the_run_under_the_rule(desk, tmp_path, storescp):
    add_destination(
        desk.project,
        ae_title=storescp.ae_title,
        port=storescp.port,
        replaces=Replaces.OVERWRITES,
    )
    study = study_with(tmp_path / "in", desk, BLOCK, n=3, named=1)
    run = run_to_the_end(request(desk, study))
    assert outcomes(run) == {"held": 1, "delivered": 2}
    assert len(list(storescp.folder.iterdir())) == 2

    rule_for(desk, run)
    again = run_to_the_end(run.transfer)

    assert again.state == State.DELIVERED
    received = [pydicom.dcmread(path) for path in storescp.received()]
    assert len(received) == 3
    assert not any((0x0043, 0x102A) in one for one in received)


def test_rule_can_be_about_the_whole_private_block(desk, held):
    rule_for(desk, held, element='(0043,"GEMS_PARM_01",xx)')

    assert outcomes(run_to_the_end(held.transfer)) == {"delivered": 4}


def test_trial_says_before_what_happens_after(desk, held, tmp_path):
    run_to_the_end(request(desk, study_with(tmp_path / "more", desk, BLOCK, CSA, named=0)))
    finding = held.findings.first()

    removed = try_rule(finding, rules.checked_rule(finding, BLOCK_PATH, "remove"))
    cleaned = try_rule(finding, rules.checked_rule(finding, BLOCK_PATH, "clean"))

    assert (removed.tried, removed.gone, removed.helps) == (2, 2, True)
    assert (removed.in_run, removed.seen_in_run) == (2, 4)
    assert (removed.in_series, removed.seen_series) == (1, 2)
    assert (cleaned.tried, cleaned.gone, cleaned.changed) == (2, 0, 0)
    assert outcomes(held) == {"held": 2, "delivered": 2}
    assert not ProjectRule.objects.exists()


def test_rule_in_the_plan_already_is_not_made_twice_but_a_surer_one_takes_its_place(desk, held):
    rule_for(desk, held, action="clean")
    run = run_to_the_end(held.transfer)
    assert outcomes(run) == {"held": 2, "delivered": 2}

    with pytest.raises(ValidationError, match="this run went by it"):
        rule_for(desk, run, action="clean")
    rule_for(desk, run, action="remove")

    assert outcomes(run_to_the_end(run.transfer)) == {"delivered": 4}
    live = ProjectRule.objects.live().get()
    assert (live.action, live.since.number) == ("remove", 3)
    assert ProjectRule.objects.exclude(withdrawn_at=None).get().withdrawn_by == desk.kari


def test_withdrawn_rule_is_in_no_later_plan_and_older_transfers_can_run_again(desk, held, tmp_path):
    rule_for(desk, held)
    run_to_the_end(held.transfer)
    other = request(desk, study_with(tmp_path / "more", desk, BLOCK, named=0), "BICAM_0001")
    ruled = run_to_the_end(other)
    assert [rule["element"] for rule in ruled.plan_version.rules] == [BLOCK_PATH]

    version = rules.withdraw_rule(
        by=desk.kari, rule=ProjectRule.objects.get(), reason="The block is needed after all."
    )
    shown = rules_context(desk.project, desk.kari)["ruled"]
    again = rules.run_older_again(by=desk.kari, project=desk.project)

    assert (version.number, version.rules) == (3, [])
    assert (shown["rules"], len(shown["withdrawn"]), shown["older_count"]) == ([], 1, 2)
    assert again == 2
    assert outcomes(run_to_the_end(held.transfer)) == {"held": 2, "delivered": 2}
    assert outcomes(run_to_the_end(other)) == {"delivered": 2}
    assert not rules.older_than_plan(desk.project).exists()


def test_older_transfers_run_again_a_batch_at_a_time(desk, held, tmp_path, monkeypatch):
    run_to_the_end(request(desk, study_with(tmp_path / "more", desk, BLOCK, named=0, n=1)))
    run_to_the_end(request(desk, study_with(tmp_path / "third", desk, BLOCK, named=0, n=1)))
    rule_for(desk, held)
    run_to_the_end(held.transfer)
    monkeypatch.setattr(rules, "AT_ONCE", 1)

    counts = [rules.run_older_again(by=desk.kari, project=desk.project) for _ in range(2)]

    assert counts == [1, 1]


class TestRefusals:
    def test_rule_about_a_file_name(self, desk, tmp_path):
        transfer = request(desk, study_with(tmp_path / "in", desk, BLOCK, n=1, named=0))
        advance(transfer.runs.get().pk)
        name_a_file(transfer.runs.get())
        run = run_to_the_end(transfer)

        with pytest.raises(ValidationError, match="No rule can reach this place"):
            rule_for(desk, run, path="file name")

    def test_rules_that_may_not_be_change_nothing(self, desk, held):
        refused = [
            ("(0008,0016)", "remove", "not about the place"),
            (BLOCK_PATH, "keep", "can remove, empty, clean, or replace"),
            ('(0043,"GEMS_PARM_01",xx)', "clean", "can only be removed"),
            ("nonsense", "remove", "names an element as"),
        ]

        for element, action, sentence in refused:
            with pytest.raises(ValidationError, match=sentence):
                rule_for(desk, held, element=element, action=action)

        assert held.transfer.runs.count() == 1
        assert not ProjectRule.objects.exists()

    def test_without_the_right_and_when_somebody_was_faster(self, desk, held):
        finding = held.findings.first()

        with pytest.raises(PermissionDenied):
            actions.make_rule(
                by=UserFactory(),
                finding=finding,
                element=BLOCK_PATH,
                action="remove",
                reason=REASON,
            )
        actions.reject(by=desk.kari, run=held, reason="It is the name.")
        with pytest.raises(ValidationError, match="Nothing is open here"):
            rule_for(desk, held)
