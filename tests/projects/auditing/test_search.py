"""Searching the audit, page by page, and taking what was found along."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from projects.auditing.search import Asked, narrowed, page_of, readable_by
from projects.auditing.sentences import lines
from projects.auditing.verbs import VERBS, Kind
from projects.auditing.writing import COLUMNS, export_audit
from projects.models import AuditEvent, AuditPlace
from projects.origin import coming_from
from projects.roles import Role
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory(first_name="Kari", last_name="Moen")


@pytest.fixture
def auditor():
    return UserFactory(auditor=True)


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")


def found(asked, user):
    return [event.pk for event in narrowed(readable_by(user), asked)]


def test_each_word_of_a_search_narrows(kari, auditor, bicam):
    other = ProjectFactory()
    with coming_from("rest", address="192.0.2.7"):
        look = AuditEvent.record(kari, "looked", bicam, finding=1)
    with coming_from("task:transfers.tasks.advance"):
        AuditEvent.record(None, "recorded", other)
    AuditEvent.record(auditor, "created", other)

    for asked in (
        Asked(project=bicam.pk),
        Asked(person=kari.pk),
        Asked(kind=Kind.LOOK),
        Asked(verb="looked"),
        Asked(thing="projects.project", number=bicam.pk),
        Asked(address=look.address),
        Asked(door="rest"),
    ):
        assert found(asked, auditor) == [look.pk], asked
    assert len(found(Asked(door="task"), auditor)) == 1
    assert found(Asked(project=bicam.pk, person=auditor.pk), auditor) == []


def test_days_are_whole_days_of_the_hospital(kari, auditor, bicam):
    at = timezone.now().replace(hour=12)
    days = [
        AuditEvent.objects.create(
            actor=kari, verb="looked", object_type="projects.project", at=at - timedelta(days=n)
        ).pk
        for n in range(4)
    ]

    asked = Asked(
        since=timezone.localdate(at - timedelta(days=2)),
        until=timezone.localdate(at - timedelta(days=1)),
    )

    assert found(asked, auditor) == days[1:3]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_is_not_one_everywhere_finds_nothing_and_breaks_nothing(client, auditor, day):
    client.force_login(auditor)
    AuditEvent.record(auditor, "looked", auditor)
    zone = "+14:00" if day.startswith("0") else "-14:00"

    for name in ("since", "until"):
        page = client.get("/audit/", {name: day})
        assert page.status_code == 200
        assert page.context["page"].events == []
        assert client.get("/audit/export/csv/", {name: day}).status_code == 404
        said = client.get("/api/v1/audit/", {name: f"{day}T12:00:00{zone}"})
        assert said.status_code == 400
        assert said.json()["errors"][0]["parameter"] == name


def test_pages_show_every_event_once_also_where_many_share_a_moment(kari, auditor):
    now = timezone.now()
    kept = [
        AuditEvent.objects.create(
            verb="looked", object_type="projects.user", at=now - timedelta(seconds=n // 3)
        ).pk
        for n in range(10)
    ]

    shown, before = [], None
    while True:
        page = page_of(narrowed(readable_by(auditor), Asked()), before=before, rows=4)
        shown += [event.pk for event in page.events]
        before = page.older
        if before is None:
            break

    assert sorted(shown) == sorted(kept)
    assert len(shown) == 10


def test_who_reads_the_audit_of_one_project_finds_nothing_else(kari, bicam):
    owner = UserFactory()
    bicam.memberships.create(user=owner, role=Role.OWNER)
    mine = AuditEvent.record(kari, "looked", bicam)
    AuditEvent.record(kari, "looked", ProjectFactory())
    AuditEvent.record(kari, "signed_in", kari)

    assert found(Asked(), owner) == [mine.pk]
    with pytest.raises(PermissionDenied):
        readable_by(kari)


def test_an_event_is_read_as_a_sentence(kari, bicam):
    AuditEvent.record(kari, "released", bicam, instances=3)
    AuditEvent.record(kari, "released", bicam, instances=1)
    AuditEvent.record(kari, "set_member", bicam, user=kari.pk, role="data_manager")
    AuditEvent.record(kari, "added_site", bicam.sites.create(code=2, name="Bergen"), code=2)
    AuditEvent.record(None, "directory_renewed", kari, people=2, closed=0)
    AuditEvent.record(None, "sign_in_failed", type(kari)())
    AuditEvent.record(None, "word_of_before", bicam)

    told = [line.sentence for line in lines(AuditEvent.objects.order_by("pk"))]

    assert told == [
        "Kari Moen released 3 instances of BICAM",
        "Kari Moen released 1 instance of BICAM",
        "Kari Moen made Kari Moen data manager of the project",
        "Kari Moen added the site with number 2",
        "rDMA compared 2 people with the directory, closed 0",
        "Somebody tried to sign in as somebody who is not known here and was refused",
        "rDMA word of before BICAM",
    ]


def test_every_template_can_be_filled_from_no_facts_at_all(kari, bicam):
    for verb in VERBS:
        AuditEvent.record(kari, verb, bicam)

    for line in lines(AuditEvent.objects.all()):
        assert "{" not in line.sentence


def test_the_table_and_the_lines_hold_the_same_and_harmless_cells(auditor, bicam):
    eve = UserFactory(first_name="=HYPERLINK(1)", last_name="")
    AuditPlace.objects.note("192.0.2.7")
    with coming_from("page", address="192.0.2.7"):
        AuditEvent.record(eve, "released", bicam, instances=3, why="a reason")

    asked = Asked(project=bicam.pk, kind=Kind.CHANGE)
    table = list(csv.DictReader(io.StringIO("".join(_all(auditor, asked, "csv")))))
    rows = [json.loads(line) for line in _all(auditor, asked, "jsonl")]

    assert list(table[0]) == list(COLUMNS)
    assert table[0]["who"] == "'=HYPERLINK(1)"
    assert rows[0]["who"] == "=HYPERLINK(1)"
    assert (rows[0]["address"], rows[0]["facts"]) == ("192.0.2.7", {"instances": 3})
    assert json.loads(table[0]["facts"]) == {"instances": 3}
    assert "a reason" not in str(rows) + str(table)


def test_taking_the_audit_along_is_in_the_audit_before_the_first_line(auditor, bicam):
    export_audit(by=auditor, asked=Asked(project=bicam.pk, kind=Kind.LOOK), form="csv")

    event = AuditEvent.objects.get(verb="exported_audit")
    assert event.project == bicam
    assert event.facts == {
        "form": "csv",
        "of_person": None,
        "kind": "look",
        "since": None,
        "until": None,
    }


def test_who_may_read_nothing_takes_nothing_along(kari):
    with pytest.raises(PermissionDenied):
        export_audit(by=kari, asked=Asked(), form="csv")

    assert not AuditEvent.objects.exists()


def test_each_search_has_an_index_in_the_order_of_the_page(kari, bicam):
    _fill(4000, rare={"actor": kari, "project": bicam, "verb": "downloaded",
                      "object_type": "exports.package", "address": "a" * 32})  # fmt: skip
    searches = {
        "audit_by_actor": Asked(person=kari.pk),
        "audit_by_project": Asked(project=bicam.pk),
        "audit_by_verb": Asked(verb="downloaded"),
        "audit_by_object_type": Asked(thing="exports.package"),
        "audit_by_address": Asked(address="a" * 32),
    }

    plans = {name: _plan(asked) for name, asked in searches.items()}

    assert {name: plan for name, plan in plans.items() if name not in plan} == {}


def _fill(count, *, rare):
    """Write so many events of which one in fifty, spread over all days, is a rare one."""
    usual = {"actor": UserFactory(), "project": ProjectFactory(), "verb": "looked",
             "object_type": "transfers.run", "address": "b" * 32}  # fmt: skip
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(**(usual if n % 50 else rare), object_id=n, at=now - timedelta(hours=n))
        for n in range(count)
    )


def _plan(asked):
    """Return what PostgreSQL would do for a page, knowing what the table holds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_auditevent")
        # a table of a few pages costs as little to read as its index; a large one does not
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        return narrowed(AuditEvent.objects.all(), asked)[:51].explain()


def _all(user, asked, form):
    return list(export_audit(by=user, asked=asked, form=form))
