"""Fingerprints of findings: equal inside a project, and no way from a list of names to them."""

import json
from importlib import import_module

import pytest
from django.apps import apps

from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.leaks.finding import fingerprint
from projects.storage import storage
from tests.factories import ProjectFactory
from tests.transfers.arrange import make_desk, request, run_to_the_end
from tests.transfers.hidden_names import BLOCK, earlier_study, study_with
from tests.transfers.test_held_page import hold
from transfers.fingerprints import KEYED, fingerprint_key, keyed
from transfers.models import Finding, SearchTermStore
from transfers.states import CarriesTo

NAME = fingerprint("name", "(0010,4000)", b"solbakken")


def test_one_mark_differs_from_project_to_project_and_is_keyed_once():
    first, second = (fingerprint_key(bytes([number]) * 32) for number in (1, 2))

    mark = keyed(NAME, first)

    assert keyed(mark, first) == keyed(mark, second) == mark == keyed(NAME, first)
    assert mark != keyed(NAME, second)
    assert NAME not in mark
    assert len(mark) == Finding._meta.get_field("fingerprint").max_length


@pytest.mark.django_db
def test_what_is_kept_of_a_finding_cannot_be_worked_out_without_the_key_of_its_project(tmp_path):
    desk = make_desk()
    earlier_study(tmp_path / "before", desk)
    study = study_with(tmp_path / "in", desk, BLOCK, n=1)

    run = run_to_the_end(request(desk, study))

    stored = SearchTermStore.objects.get(run=run)
    check = LeakCheck(SearchTerms.from_data(json.loads(stored.terms)))
    finding = run.findings.select_related("outcome__instance").get()
    outcome = finding.outcome
    with storage().fetch(outcome.instance.key) as source, storage().fetch(outcome.key) as target:
        (leak,) = check.examine(source, target)
    assert finding.fingerprint == keyed(leak.fingerprint, fingerprint_key(desk.project.key))
    assert finding.fingerprint.startswith(KEYED)


@pytest.mark.django_db
def test_marks_from_before_are_keyed_in_place_so_that_verdicts_go_on_carrying():
    bicam, severed = ProjectFactory(acronym="BICAM"), ProjectFactory(acronym="GONE")
    for project in (bicam, severed):
        hold(project, runs=2)
    Finding.objects.update(fingerprint=NAME, carries_to=CarriesTo.ALIKE)
    unread = Finding.objects.filter(run__transfer__project=bicam).first()
    Finding.objects.filter(pk=unread.pk).update(fingerprint="unreadable-7")
    key = fingerprint_key(bicam.key)
    type(severed).objects.filter(pk=severed.pk).update(wrapped_key=b"")
    migration = import_module("transfers.migrations.0012_mends")

    migration.key_fingerprints(apps, None)
    once = list(Finding.objects.order_by("pk").values_list("fingerprint", flat=True))
    migration.key_fingerprints(apps, None)

    assert once == list(Finding.objects.order_by("pk").values_list("fingerprint", flat=True))
    of_bicam = Finding.objects.filter(run__transfer__project=bicam)
    marks = set(of_bicam.values_list("fingerprint", flat=True))
    assert marks == {"unreadable-7", keyed(NAME, key)}
    (lost,) = set(once) - marks
    assert lost != NAME
