"""A reason that says who the patient is never reaches the row that would keep it."""

import pytest
from django.core.exceptions import ValidationError

from tests.datasets import make_us_series
from tests.factories import StudyFactory
from tests.transfers.arrange import every_image, make_desk, quarantine, request, run_to_the_end
from transfers import actions
from transfers.models import Finding, Outcome
from transfers.typed_reasons import refuse_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return StudyFactory(
        patient_name="Ødegård-Li^Åse Marie",
        patient_birth_date="19481103",
        accession_number="ACC-5517",
        patient__patient_id="884 170",
    )


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        ("This is Ødegård, known to us.", "a name"),
        ("Seen with ODEGARD on the phone", "a name"),
        ("It is Maries own implant", "a name"),
        ("Born 3.11.1948, so not a child", "birth date"),
        ("born 1948-11-03", "birth date"),
        ("The referral of acc-5517 says so", "an identifier"),
        ("Number 884170 in our list", "an identifier"),
        ("The paper says 158576 00085", "an identity number"),
    ],
)
def test_a_reason_that_names_the_patient_is_refused_and_not_repeated(study, reason, what):
    with pytest.raises(ValidationError, match=f"holds .*{what}") as refused:
        refuse_identity(reason, study)

    assert not any(word in refused.value.message for word in ("Marie", "1948", "5517", "884"))


@pytest.mark.parametrize(
    "reason",
    [
        "The word is the name of the scanner, not of a person.",
        "Looked at all 884 images: li and mar are part of the sequence.",
        "Number 5517 is the coil",
        "Count 03814812345 is no identity number: its check digits do not fit.",
    ],
)
def test_a_reason_that_names_nobody_is_taken(study, reason):
    refuse_identity(reason, study)


def test_an_identity_number_is_refused_also_when_the_originals_are_gone():
    with pytest.raises(ValidationError, match="identity number"):
        refuse_identity("It belongs to 15857600085 or so", None)


def test_nobody_releases_or_rejects_with_the_patients_name(tmp_path):
    desk = make_desk()
    make_us_series(tmp_path / "us", n=1, patient_name="Fjell^Turid Aasen")
    (study,) = quarantine(tmp_path / "us", desk.kari)
    run = run_to_the_end(request(desk, study))

    for decide in (actions.release, actions.reject):
        with pytest.raises(ValidationError, match="a name of this patient"):
            decide(by=desk.kari, run=run, outcomes=every_image(run), reason="Turid said it is fine")

    assert set(Finding.objects.values_list("verdict_reason", flat=True)) == {""}
    assert set(Outcome.objects.values_list("state", flat=True)) == {"held"}
