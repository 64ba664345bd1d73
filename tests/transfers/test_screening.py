"""Typed reasons that name a patient of the project are withheld, and others are not."""

import json

import pytest

from deidentify.leaks import SearchTerms
from tests.factories import ProjectFactory
from tests.review.copies import new_transfer, participant_of
from transfers import screening
from transfers.models import PlanVersion, Run, SearchTermStore
from transfers.screening import WITHHELD, screen_for_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(screening, "_known", {})


@pytest.fixture
def project():
    return ProjectFactory(acronym="BICAM")


def add_patient(project, number, name, birth_date="19670312"):
    """A run of a participant with the patient's search terms."""
    plan, _ = PlanVersion.objects.get_or_create(
        project=project, number=1, defaults={"digest": "0" * 64}
    )
    transfer = new_transfer(participant_of(project, number))
    run = Run.objects.create(transfer=transfer, plan_version=plan)
    terms = SearchTerms()
    terms.add("name", name)
    terms.add("identifier", f"AB{number}12345")
    terms.add("birth_date", birth_date)
    SearchTermStore.objects.create(run=run, terms=json.dumps(terms.as_data()))


@pytest.mark.parametrize(
    "reason",
    [
        "Solbakken does not want it.",
        "It says SOLBAKKEN in every image.",
        "The number is AB112345, see the form.",
        "Born 12.03.1967, see the form.",
        "Call +47 97 12 34 56 about it.",
        "Ask kari@example.org.",
        "See 1.2.840.113619.2.55.3.",
    ],
)
def test_reason_that_names_a_patient_or_has_the_form_of_an_identifier_is_withheld(project, reason):
    add_patient(project, 1, "Solbakken^Ingvild")
    add_patient(project, 2, "Fjell^Turid")

    assert screen_for_project(project)(reason) == WITHHELD


@pytest.mark.parametrize("reason", ["", "Nobody needs this block.", "As REK 2019/1234 asks."])
def test_harmless_reason_passes(project, reason):
    add_patient(project, 1, "Solbakken^Ingvild")

    assert screen_for_project(project)(reason) == reason


def test_patient_who_comes_later_makes_a_known_reason_withheld(project):
    reason = "Haugen does not want it."
    add_patient(project, 1, "Solbakken^Ingvild")
    before = screen_for_project(project)(reason)

    add_patient(project, 2, "Haugen^Ola")
    after = screen_for_project(project)(reason)

    assert (before, after) == (reason, WITHHELD)


def test_what_is_known_costs_no_second_reading(project, django_assert_num_queries):
    add_patient(project, 1, "Solbakken^Ingvild")
    screen = screen_for_project(project)
    screen("Nobody needs this block.")
    screen("Solbakken does not want it.")

    with django_assert_num_queries(0):
        assert screen("Solbakken does not want it.") == WITHHELD
    with django_assert_num_queries(1):
        assert screen_for_project(project)("Nobody needs this block.") != WITHHELD


def test_patients_of_another_project_do_not_count(project):
    add_patient(ProjectFactory(acronym="OTHER"), 1, "Solbakken^Ingvild")

    assert screen_for_project(project)("Solbakken Bridge Protocol") == "Solbakken Bridge Protocol"
