"""What a rule writes is no leak where it writes it: so it must not be a patient's name."""

import pytest
from django.core.exceptions import ValidationError

from deidentify.rules import Rule
from review.actions.rules import make_rule_of_review
from tests.review.renewed import PROTOCOL, make_renewed
from transfers.actions import propose_rule
from transfers.models import ProjectRule, RuleProposal
from transfers.planning import rule_key

pytestmark = pytest.mark.django_db


def test_a_rule_that_would_write_a_patients_name_is_neither_made_nor_proposed(tmp_path):
    renewed = make_renewed(tmp_path / "in")
    family = str(renewed.commented.study.patient_name).partition("^")[0]
    key = rule_key(renewed.desk.project)
    writing = [
        Rule(PROTOCOL, "replace", f"seen {family} again"),
        Rule.of_values(PROTOCOL, {"t1 for ole": family}, "clean", key=key),
    ]

    for rule in writing:
        with pytest.raises(ValidationError, match="may identify a patient"):
            make_rule_of_review(
                by=renewed.desk.kari,
                element=renewed.element(PROTOCOL),
                rule=rule,
                reason="It names a person.",
            )
        with pytest.raises(ValidationError, match="may identify a patient"):
            propose_rule(
                by=renewed.desk.kari,
                project=renewed.desk.project,
                rule=rule,
                reason="It names a person.",
            )

    assert len(family) > 3
    assert not ProjectRule.objects.exists()
    assert not RuleProposal.objects.exists()
