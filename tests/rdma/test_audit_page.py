"""/audit/ and manage.py audit: what happened, whether somebody changed it, what to keep."""

import html
import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from projects.chain import checkpoints
from projects.chain.sealing import seal_audit
from projects.models import AuditCheck, AuditEvent, AuditSeal
from projects.roles import Role
from rdma.audit import check_audit
from tests.factories import ProjectFactory, UserFactory
from tests.projects.by_hand import by_hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def bicam():
    return ProjectFactory(acronym="BICAM")


@pytest.fixture
def events(bicam):
    kari = UserFactory()
    return [AuditEvent.record(kari, "looked_at", bicam, n=n).pk for n in range(3)]


@pytest.fixture
def auditor():
    client = Client()
    client.force_login(UserFactory(auditor=True))
    return client


def change(event):
    """Change a row as only a database administrator can."""
    with by_hand("projects_auditevent") as cursor:
        cursor.execute("UPDATE projects_auditevent SET verb = 'exported' WHERE id = %s", [event])


def told(capsys, *words):
    call_command("audit", *words)
    return capsys.readouterr().out.splitlines()


def test_changing_one_row_by_hand_is_found_by_the_command(events, capsys):
    assert told(capsys, "seal") == ["Sealed 3 events."]
    intact = told(capsys, "verify")
    change(events[1])

    with pytest.raises(SystemExit) as ended:
        told(capsys, "verify")

    assert intact[0].startswith("The audit is intact: 3 events under 1 seal up to number 1")
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[0] == f"Event {events[1]} was changed."


def test_a_checkpoint_that_was_kept_elsewhere_is_compared(events, capsys, tmp_path):
    call_command("audit", "seal")
    [line] = told(capsys, "checkpoint")[-1:]
    (tmp_path / "kept.txt").write_text(f"{line}\n")
    digest = AuditSeal.objects.get().digest
    (tmp_path / "other.txt").write_text(f"{line.replace(digest, 'a' * 64)}\n")

    assert "Agrees with 3 checkpoints." in told(
        capsys, "verify", "--checkpoint", str(tmp_path / "kept.txt"), "--checkpoint", digest
    )
    with pytest.raises(SystemExit):
        told(capsys, "verify", "--checkpoint", str(tmp_path / "other.txt"))
    assert capsys.readouterr().out.startswith("Seal 1 is another one than other.txt says.")


@pytest.mark.parametrize("given", ["nothing", "a" * 63])
def test_what_is_no_checkpoint_is_refused_in_a_sentence(events, given):
    with pytest.raises(CommandError, match="64 hexadecimal digits, or a file"):
        call_command("audit", "verify", "--checkpoint", given)


def test_a_file_of_something_else_is_refused_by_its_line(events, tmp_path):
    (tmp_path / "kept.txt").write_text("\nseal one\n")

    with pytest.raises(CommandError, match=r"Line 2 of kept.txt is no checkpoint"):
        call_command("audit", "verify", "--checkpoint", str(tmp_path / "kept.txt"))


def test_another_master_key_is_said_and_can_be_done_without(events, settings, capsys):
    from projects import keyring

    seal_audit()
    settings.RDMA_MASTER_KEY = "a key that this database was not made with, at all"
    keyring.forget()
    try:
        with pytest.raises(CommandError, match="does not open with this master key"):
            call_command("audit", "verify")
        assert told(capsys, "verify", "--without-key")[0].startswith("The audit is intact")
    finally:
        keyring.forget()


def test_an_audit_without_seals_has_no_checkpoint():
    with pytest.raises(CommandError, match="Nothing is sealed yet"):
        call_command("audit", "checkpoint")


def test_checkpoints_of_the_data_folder_are_always_compared(events):
    seal_audit()
    [path] = checkpoints.folder().glob("*.txt")
    path.write_text(path.read_text().replace("seal 1 ", "seal 7 "))

    found = check_audit()

    assert not found.is_intact
    assert found.sentences[0] == f"Seal 7 of {path.name} is missing."


def test_the_page_shows_the_last_verification_the_seal_and_what_happened(auditor, events):
    [seal] = seal_audit()
    check_audit()

    page = auditor.get("/audit/").content.decode()

    assert "Nobody had changed anything when it was verified last" in page
    assert "The audit is intact: 3 events under 1 seal" in page
    assert seal.digest in page
    assert page.count("looked at BICAM") == 3


def test_the_page_says_when_something_was_changed(auditor, events):
    seal_audit()
    change(events[0])
    check_audit()

    page = auditor.get("/audit/").content.decode()

    assert "something was not as it was written" in page
    assert f"Event {events[0]} was changed." in page


def test_home_tells_those_who_watch_over_the_audit_that_it_was_changed(auditor, events):
    seal_audit()
    check_audit()
    before = auditor.get("/").content.decode()
    change(events[0])
    check_audit()
    after = auditor.get("/").content.decode()

    assert "The audit is not as it was written" not in before
    assert f"Event {events[0]} was changed." in after


def test_the_button_has_everything_verified(auditor, events, monkeypatch):
    monkeypatch.setattr("rdma.tasks.verify_audit.delay", check_audit)

    answer = auditor.post("/audit/verify/", follow=True)

    assert "A worker verifies the audit now" in answer.content.decode()
    assert AuditCheck.objects.get().sentences[0] == "Nothing is sealed yet."


def test_an_owner_reads_the_audit_of_their_project_and_has_nothing_verified(events, bicam):
    owner = UserFactory()
    bicam.memberships.create(user=owner, role=Role.OWNER)
    AuditEvent.record(None, "looked_elsewhere", ProjectFactory())
    client = Client()
    client.force_login(owner)

    page = client.get("/audit/").content.decode()

    assert page.count("looked at") == 3
    assert "looked elsewhere" not in page
    assert "Verify now" not in page
    assert client.post("/audit/verify/").status_code == 403


def test_a_stranger_may_not_read_the_audit_and_is_not_led_to_it(events):
    client = Client()
    client.force_login(UserFactory())

    assert client.get("/audit/").status_code == 403
    assert 'href="/audit/"' not in client.get("/").content.decode()


def test_an_auditor_is_led_to_the_audit(auditor):
    assert 'href="/audit/"' in auditor.get("/").content.decode()


@pytest.mark.parametrize("kind", ["Site", "Membership", "AccessReview", "DataKey"])
def test_an_events_page_leads_to_all_that_happened_to_its_thing_whatever_it_is(auditor, kind):
    thing = apps.get_model("projects", kind)(pk=7)
    event = AuditEvent.record(None, "changed", thing)

    page = auditor.get(f"/audit/events/{event.pk}/").content.decode()
    [address] = re.findall(r'href="(/audit/\?thing=[^"]+)"', page)
    found = auditor.get(html.unescape(address)).content.decode()

    assert f"/audit/events/{event.pk}/" in found
    assert "Nothing was searched" not in found


def test_a_search_for_what_is_no_kind_of_thing_finds_nothing(auditor, events):
    page = auditor.get("/audit/?thing=projects.nothing").content.decode()

    assert "Nothing was searched" in page
    assert f"/audit/events/{events[0]}/" not in page


def test_a_search_by_address_says_which_one_it_is(auditor):
    UserFactory(username="kari")
    Client(REMOTE_ADDR="192.0.2.7").post("/sign-in/", {"username": "kari", "password": "wrong"})

    found = auditor.post("/audit/address/", {"typed": "192.0.2.7"}, follow=True).content.decode()
    nothing = auditor.post("/audit/address/", {"typed": "192.0.2.8"}, follow=True).content.decode()

    assert "only from 192.0.2.7;" in found
    assert "only from one address;" in nothing
    assert "Nothing fits" in nothing
