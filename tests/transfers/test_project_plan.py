"""Choosing what de-identification does in a project, on its page."""

from pathlib import Path

import pydicom
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from deidentify.profiles import BIRTH_DATES, ERAS, OPTIONS, choose
from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.transfers.arrange import make_desk, quarantine, run_to_the_end
from tests.transfers.test_pages import signed_in
from transfers.actions import request_transfer
from transfers.actions.plans import change_plan
from transfers.models import PlanVersion
from transfers.plan_choices import (
    BIRTH_WORDS,
    DATE_WORDS,
    SWITCHES,
    TIME_WORDS,
    Choice,
    choice_of,
    options_of,
)
from transfers.planning import current_plan

REASON = "The approval of 2026 allows it."


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def page(desk):
    return reverse("project-plan", args=[desk.project.acronym])


def posted(**changes: object) -> dict[str, object]:
    """The form of the research profile as a browser sends it, with changes."""
    choice = choice_of("research", [])
    return {**choice._asdict(), "switches": sorted(choice.switches), **changes}


@settings(deadline=None)
@given(
    choice=st.builds(
        Choice,
        profile=st.sampled_from(["research", "basic"]),
        era=st.just(ERAS[-1]),
        dates=st.sampled_from(sorted(DATE_WORDS)),
        times=st.sampled_from(sorted(TIME_WORDS)),
        birth_date=st.sampled_from(sorted(BIRTH_WORDS)),
        switches=st.frozensets(st.sampled_from(sorted(SWITCHES))),
    )
)
def test_every_choice_is_what_the_engine_makes_of_its_options(choice: Choice):
    options = options_of(choice)

    profile = choose(choice.profile, options)
    active = {option for option, column in OPTIONS.items() if profile.has(column)}
    assert active == choice.switches | ({choice.dates} - {""})
    assert profile.coarse_times is bool(choice.times)
    assert profile.birth_date == BIRTH_DATES[choice.birth_date]
    assert choice_of(choice.profile, options) == choice


@pytest.mark.django_db
def test_looking_at_another_plan_says_what_would_change_and_changes_nothing(desk, page):
    response = signed_in(desk.kari).post(page, posted(dates="full-dates"))

    text = response.content.decode()
    assert response.status_code == 200
    assert "StudyDate" in text or "Study Date" in text
    assert "kinds of element" in text
    assert current_plan(desk.project).number == 1


@pytest.mark.django_db
def test_the_next_transfer_goes_by_the_chosen_plan(desk, page, tmp_path: Path):
    make_mr_series(tmp_path / "in", n=1, patient_name="Fjell^Turid Aasen")
    (original,) = [path for path in (tmp_path / "in").rglob("*") if path.is_file()]
    (study,) = quarantine(tmp_path / "in", desk.kari)

    sent = posted(dates="full-dates", use="yes", reason=REASON)
    response = signed_in(desk.kari).post(page, sent)
    transfer = request_transfer(
        by=desk.kari,
        study=study,
        project=desk.project,
        pseudonym="BICAM_0001",
        event=desk.project.events.first(),
    )
    run = run_to_the_end(transfer)

    assert response.status_code == 302
    assert run.plan_version.number == 2
    with storage().fetch(run.outcomes.get().key) as path:
        written = pydicom.dcmread(path)
    assert written.StudyDate == pydicom.dcmread(original).StudyDate
    version = PlanVersion.objects.get(number=2)
    assert (version.reason, version.created_by) == (REASON, desk.kari)
    assert AuditEvent.objects.about(version).get().verb == "changed_plan"


@pytest.mark.django_db
def test_a_change_needs_a_reason_and_the_choice_is_not_lost(desk, page):
    response = signed_in(desk.kari).post(page, posted(times="coarse-times", use="yes", reason=""))

    text = response.content.decode()
    assert "Give a reason" in text
    assert 'value="coarse-times" id="id_times_1" checked' in text
    assert not PlanVersion.objects.filter(number=2).exists()


@pytest.mark.django_db
def test_the_same_plan_again_is_no_new_version(desk):
    current_plan(desk.project)

    with pytest.raises(ValidationError, match="what the present plan does already"):
        change_plan(
            by=desk.kari, project=desk.project, profile="research", options=[], reason=REASON
        )


@pytest.mark.django_db
def test_the_earlier_installation_has_an_era_and_its_holes_are_said(desk, page):
    browser = signed_in(desk.kari)

    shown = browser.get(f"{page}?start=mmiv-2019").content.decode()
    looked = browser.post(page, {"profile": "mmiv-2019", "era": "era-2021"}).content.decode()
    used = {"profile": "mmiv-2019", "era": "era-2021", "use": "yes", "reason": REASON}
    browser.post(page, used)

    assert "earlier installation" in shown
    assert "Birth date" not in shown.split("<h2>Versions</h2>")[0]
    assert 'class="said warning"' in looked
    assert current_plan(desk.project).options == ["era-2021"]


@pytest.mark.django_db
def test_who_may_not_change_the_project_reads_its_plan(desk, page):
    reader = UserFactory()
    desk.project.memberships.create(user=reader, role=Role.RESEARCHER)
    browser = signed_in(reader)

    shown = browser.get(page)
    refused = browser.post(page, posted(use="yes", reason=REASON))

    assert "Moved by a number of days" in shown.content.decode()
    assert "Show what changes" not in shown.content.decode()
    assert refused.status_code == 403
    with pytest.raises(PermissionDenied):
        change_plan(by=reader, project=desk.project, profile="basic", options=[], reason=REASON)


@pytest.mark.django_db
def test_somebody_of_another_project_does_not_know_of_the_plan(page):
    stranger = UserFactory()
    ProjectFactory(acronym="OTHER", members={stranger: Role.OWNER})

    response = signed_in(stranger).get(page)

    assert response.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["", "unheard-of", "basic"])
def test_a_profile_to_start_from_is_one_of_the_engines(desk, page, start: str):
    response = signed_in(desk.kari).get(page, {"start": start})

    assert response.status_code == 200
    wanted = "basic" if start == "basic" else "research"
    assert f'name="profile" value="{wanted}"' in response.content.decode()
