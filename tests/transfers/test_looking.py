"""Before and after: who sees the values, where, and what is left behind by looking."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_mr_series
from tests.factories import ProjectFactory, UserFactory
from tests.transfers.arrange import make_desk, quarantine, request, run_to_the_end
from tests.transfers.hidden_names import (
    BLOCK,
    BLOCK_PATH,
    CSA,
    CSA_PATH,
    earlier_study,
    name_a_file,
    study_with,
)
from transfers.models import Finding
from transfers.pipeline.erasing import erase_files
from transfers.states import State

pytestmark = pytest.mark.django_db

HIDDEN = "SOLBAKKEN"


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def run(desk, tmp_path):
    """A held run with a name hidden in a private block and one in a CSA header."""
    earlier_study(tmp_path / "before", desk)
    study = study_with(tmp_path / "in", desk, BLOCK, CSA)
    transfer = request(desk, study)
    return run_to_the_end(transfer)


def look(user, finding, method="post", **headers):
    client = Client()
    client.force_login(user)
    return getattr(client, method)(reverse("finding-look", args=[finding.pk]), headers=headers)


def at(run, path):
    return run.findings.filter(path=path).first()


def marked(side):
    return "".join(piece.text for piece in side.pieces if piece.is_hit)


def finding_about(run, path, needle=b"", **attributes):
    """A finding at a place of the first output, as some check might make it."""
    outcome = run.outcomes.exclude(key="").order_by("pk").first()
    start = storage().path(outcome.key).read_bytes().find(needle) if needle else 0
    return Finding.objects.create(
        run=run,
        outcome=outcome,
        kind="name",
        path=path,
        start=start,
        end=start + len(needle),
        sure="likely",
        sentence="A name is left there.",
        fingerprint="0" * 32,
        **attributes,
    )


def test_hidden_names_are_shown_on_both_sides_and_marked(desk, run):
    pages = [look(desk.kari, at(run, path)) for path in (BLOCK_PATH, CSA_PATH)]

    (block,), (csa,) = (page.context["compared"].lines for page in pages)
    assert [marked(side) for side in (block.before, block.after, csa.after)] == [HIDDEN] * 3
    assert f"<mark>{HIDDEN}</mark>" in pages[0].text
    assert "GEMS_PARM_01" in block.words
    assert csa.after.notes[-1] == "It is in the tag tReferenceImage0 of the CSA header."


def test_a_file_name_is_shown_as_it_would_leave(desk, run):
    name_a_file(run)
    finding = run.findings.filter(outcome=run.outcomes.latest("pk")).first()
    finding.path = "file name"
    finding.save()

    page = look(desk.kari, finding)

    (line,) = page.context["compared"].lines
    assert line.before is None
    assert marked(line.after).startswith("Fjell_Turid_")


def test_an_element_shows_what_it_was_what_became_of_it_and_where_it_is_known_from(desk, run):
    became = look(desk.kari, finding_about(run, "(0010,0010)", b"BICAM_0001")).context["compared"]
    known = look(desk.kari, finding_about(run, "(0010,0020)", source_path="(0010,0010)"))

    (line,) = became.lines
    assert line.before.pieces[0].text == "Fjell^Turid Aasen"
    assert marked(line.after) == "BICAM_0001"
    assert became.values == [("BICAM_0001", 2)]
    (source,) = known.context["compared"].known_by
    assert source.before.pieces[0].text == "Fjell^Turid Aasen"


def test_without_asking_no_value_is_on_the_page(desk, run):
    page = look(desk.kari, at(run, BLOCK_PATH), "get")

    assert page.context["compared"] is None
    assert HIDDEN not in page.text
    assert "GEMS_PARM_01" in page.text
    assert not AuditEvent.objects.filter(verb="looked").exists()


def test_each_look_is_audited_with_ids_and_the_values_are_kept_nowhere(desk, run, caplog):
    finding = at(run, BLOCK_PATH)

    with caplog.at_level(logging.DEBUG):
        pages = [look(desk.kari, finding) for _ in range(2)]

    looks = AuditEvent.objects.filter(verb="looked")
    assert [event.actor for event in looks] == [desk.kari] * 2
    assert looks[0].facts == looks[1].facts == {"finding": finding.pk, "image": finding.outcome_id}
    assert HIDDEN in pages[0].text
    assert "no-store" in pages[0].headers["Cache-Control"]
    assert HIDDEN not in caplog.text


def test_htmx_gets_the_part_that_changes(desk, run):
    finding = at(run, BLOCK_PATH)

    part = look(desk.kari, finding, **{"HX-Request": "true"})

    assert part.text.lstrip().startswith(f'<div id="look-{finding.pk}"')
    assert HIDDEN in part.text


def test_who_sees_the_place_and_who_sees_the_values(desk, run):
    finding = at(run, BLOCK_PATH)
    answers = {}
    for role in (*Role, None):
        user = UserFactory()
        project = desk.project if role else ProjectFactory(acronym="ECTMRI")
        project.memberships.create(user=user, role=role or Role.OWNER)
        answers[role] = [look(user, finding, "get"), look(user, finding)]

    statuses = {role: [one.status_code for one in both] for role, both in answers.items()}
    assert statuses == {
        Role.OWNER: [200, 403],
        Role.ADMINISTRATOR: [200, 200],
        Role.DATA_MANAGER: [200, 200],
        Role.RESEARCHER: [200, 403],
        Role.CONTROLLER: [200, 403],
        None: [404, 404],
    }
    assert not any(HIDDEN in place.text for place, _ in answers.values())
    assert all((HIDDEN in one.text) == (one.status_code == 200) for _, one in answers.values())
    assert AuditEvent.objects.filter(verb="looked").count() == 2


def test_what_has_gone_is_said(desk, run):
    finding = at(run, BLOCK_PATH)
    storage().delete(finding.outcome.instance.key)
    without_source = look(desk.kari, finding)
    erase_files(run)

    without_both = look(desk.kari, finding)

    assert "left quarantine" in without_source.text
    assert without_source.context["compared"].lines[0].before is None
    assert "The output was erased" in without_both.text
    assert without_both.context["compared"].lines == []


def test_of_an_image_that_was_never_written_that_is_said(desk, tmp_path):
    make_mr_series(tmp_path / "in", n=2)
    (study,) = quarantine(tmp_path / "in", desk.kari)
    path = storage().path(study.series.get().instances.first().key)
    path.write_bytes(path.read_bytes()[:600])
    transfer = request(desk, study)
    run = run_to_the_end(transfer)

    page = look(desk.kari, run.findings.get())

    assert run.state == State.HELD
    assert "Nothing was written for this image" in page.text
