"""Links: one package, one person, a while; what is kept of a token; codes; taking back."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from exports.actions.deliveries import revoke_package
from exports.actions.links import allow_outside_links, link_of, make_link, revoke_link, use_link
from exports.models import Download, DownloadLink, Package
from exports.states import State
from projects.models import AuditEvent
from projects.roles import Role
from tests.exports.ready import file_of, ready_package
from tests.factories import ProjectFactory, UserFactory

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def package(project, owner) -> Package:
    return ready_package(project, owner, CONTENT)


@pytest.fixture
def colleague(project):
    colleague = UserFactory(username="colleague", first_name="Ola", last_name="Vik")
    project.memberships.create(user=colleague, role=Role.RESEARCHER)
    return colleague


@pytest.fixture
def office(db):
    return UserFactory(data_office=True)


def made(owner, package, **facts):
    week = {"expires_at": timezone.now() + timedelta(days=7)}
    return make_link(by=owner, package=package, **(week | facts))


@pytest.fixture
def outside(project, owner, office, package):
    allow_outside_links(by=office, project=project, allowed=True)
    return made(owner, package, recipient="partner@example.org", most_uses=2)


def handed_over(client, token: str) -> str:
    """Hand a token over as the page does; return the address that it leads to."""
    answer = client.post("/exports/get/", {"token": token})
    assert answer.status_code == 302
    return answer["Location"]


def taken(client, address: str, code: str = "", **headers):
    """Press the button and fetch the file."""
    pressed = client.post(address, {"code": code})
    if pressed.status_code != 302:
        return pressed
    return fetched(client, pressed["Location"], **headers)


def fetched(client, address: str, **headers):
    """Ask for a file, and read all of it: what is not read stays open."""
    answer = client.get(address, headers=headers)
    if answer.streaming:
        answer.body = b"".join(answer.streaming_content)
    return answer


def test_colleague_signs_in_and_takes_the_package(owner, package, colleague, client):
    link, token = made(owner, package, account=colleague)
    address = handed_over(client, token)

    asked = client.get(address).content.decode()
    client.force_login(colleague)
    seen = client.get(address).content.decode()
    file = taken(client, address)

    assert "Sign in first" in asked
    assert token not in asked
    assert package.file_name in seen
    assert file.body == CONTENT
    count = Download.objects.get()
    assert (count.person, count.link, count.started_count) == (colleague, link, 1)
    assert count.reached_end
    event = AuditEvent.objects.about(package).get(verb="downloaded")
    assert (event.actor, event.facts) == (colleague, {"start": 0, "link": link.pk})


def test_link_is_of_no_use_to_somebody_else_with_an_account(owner, package, colleague, client):
    _, token = made(owner, package, account=colleague)
    client.force_login(owner)
    address = handed_over(client, token)

    answer = taken(client, address)

    assert answer.status_code == 422
    assert "for somebody else" in answer.content.decode()
    assert not Download.objects.exists()


def test_looking_uses_nothing_and_a_download_goes_on_without_being_counted_again(
    outside, package, client
):
    link, token = outside
    address = handed_over(client, token)
    for _ in range(3):  # as mail scanners do
        client.get("/exports/get/")
        client.get(address)

    first = taken(client, address, code=link.code, range="bytes=0-4999")
    rest = fetched(client, f"{address}file/", range="bytes=5000-")

    assert first.body + rest.body == CONTENT
    link.refresh_from_db()
    assert link.use_count == 1
    count = Download.objects.get()
    assert (count.started_count, count.continued_count, count.reached_end) == (1, 1, True)


def test_partner_without_an_account_needs_the_code_however_it_is_typed(outside, client):
    link, token = outside
    address = handed_over(client, token)

    wrong = taken(client, address, code="ABCDE-FGHJK")
    right = taken(client, address, code=f" {link.code.lower().replace('-', ' ')} ")

    assert wrong.status_code == 422
    assert right.status_code == 200
    link.refresh_from_db()
    assert (link.wrong_count, link.use_count) == (1, 1)


def test_five_wrong_codes_close_a_link_for_good(outside, package, client):
    link, token = outside
    address = handed_over(client, token)

    answers = [taken(client, address, code="ABCDE-FGHJK") for _ in range(5)]
    right = taken(client, address, code=link.code)

    assert "not the code" in answers[0].content.decode()
    assert "does not open anything any more" in answers[4].content.decode()
    assert right.status_code == 422
    refused = AuditEvent.objects.about(package).filter(verb="link_refused")
    assert [event.facts["count"] for event in refused.order_by("pk")] == [1, 2, 3, 4, 5]


def test_link_is_used_as_often_as_it_may_be(outside, client):
    link, token = outside
    for _ in range(2):
        client.cookies.clear()  # another browser
        assert taken(client, handed_over(client, token), code=link.code).status_code == 200

    client.cookies.clear()
    once_more = taken(client, handed_over(client, token), code=link.code)

    assert once_more.status_code == 422
    assert "as often as it may be" in once_more.content.decode()


def test_file_is_for_the_browser_that_pressed_the_button(outside, client):
    link, token = outside
    address = handed_over(client, token)

    before = client.get(f"{address}file/")
    strange = client.get(f"/exports/get/{link.pk + 1}/")
    client.cookies.clear()
    elsewhere = client.get(f"{address}file/")

    assert (before.status_code, before["Location"]) == (302, address)
    assert strange["Location"] == "/exports/get/"
    assert client.get(elsewhere["Location"])["Location"] == "/exports/get/"


@pytest.mark.parametrize(
    "ending", ["link revoked", "package revoked", "expired", "maker left", "outside stopped"]
)
def test_running_download_ends_at_its_next_range(
    ending, project, outside, package, owner, office, client
):
    link, token = outside
    address = handed_over(client, token)
    assert taken(client, address, code=link.code, range="bytes=0-99").status_code == 206

    if ending == "link revoked":
        revoke_link(by=owner, link=link)
    elif ending == "package revoked":
        revoke_package(by=owner, package=package)
    elif ending == "expired":
        DownloadLink.objects.update(expires_at=timezone.now())
    elif ending == "maker left":
        project.memberships.filter(user=owner).delete()
    else:
        allow_outside_links(by=office, project=project, allowed=False)

    assert client.get(f"{address}file/", headers={"range": "bytes=100-"}).status_code == 404


def test_revoked_package_has_no_file_no_link_and_no_delivery_left(
    outside, package, owner, django_capture_on_commit_callbacks
):
    path = file_of(package)

    with django_capture_on_commit_callbacks(execute=True):
        revoke_package(by=owner, package=package)

    package.refresh_from_db()
    assert package.state == State.REVOKED
    assert not path.exists()
    assert not DownloadLink.objects.open().exists()
    assert AuditEvent.objects.about(package).filter(verb="revoked", actor=owner).exists()
    with pytest.raises(ValidationError, match="no file to take back"):
        revoke_package(by=owner, package=package)


def test_data_office_may_take_back_and_others_may_not(package, office):
    with pytest.raises(PermissionDenied):
        revoke_package(by=UserFactory(), package=package)

    revoke_package(by=office, package=package)

    package.refresh_from_db()
    assert package.state == State.REVOKED


def test_token_is_kept_nowhere(outside, caplog, client):
    link, token = outside
    with caplog.at_level(logging.DEBUG):
        address = handed_over(client, token)
        client.get(address)
        client.post("/exports/get/", {"token": token[:-1]})

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM exports_downloadlink")
        row = repr(cursor.fetchall())
    assert len(token) == 43
    assert token not in row
    assert link.code not in row
    assert "partner@example.org" not in row
    assert token not in caplog.text
    assert token not in address
    assert token not in repr(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("token", ["", "short", "x" * 43, "#" + "y" * 43, "é" * 43])
def test_what_is_no_token_leads_nowhere(token, db, client):
    answer = client.post("/exports/get/", {"token": token})

    assert answer.status_code == 404
    assert "does not open anything" in answer.content.decode()
    assert "sessionid" not in client.cookies


def test_whole_address_can_be_pasted(outside, client):
    _, token = outside

    assert handed_over(client, f"https://rdma.example.org/exports/get/#{token}")


def test_people_outside_get_links_only_where_the_data_office_allows_it(
    project, owner, package, office
):
    stranger = UserFactory()
    for person in ({"recipient": "partner@example.org"}, {"account": stranger}):
        with pytest.raises(ValidationError, match="its own people only"):
            made(owner, package, **person)
    with pytest.raises(PermissionDenied):
        allow_outside_links(by=owner, project=project, allowed=True)

    allow_outside_links(by=office, project=project, allowed=True)

    assert made(owner, package, account=stranger).link.code == ""
    assert made(owner, package, recipient="partner@example.org").link.code


def test_link_needs_somebody_who_may_export_one_person_and_an_end(package, owner, colleague):
    month = timezone.now() + timedelta(days=31)

    with pytest.raises(PermissionDenied):
        made(UserFactory(), package, account=colleague)
    for wrong in (
        {},
        {"account": colleague, "recipient": "partner@example.org"},
        {"recipient": "no address"},
        {"account": colleague, "expires_at": month},
        {"account": colleague, "expires_at": timezone.now()},
        {"account": colleague, "most_uses": 0},
        {"account": colleague, "most_uses": 21},
    ):
        with pytest.raises(ValidationError):
            made(owner, package, **wrong)


def test_link_ends_with_its_package(owner, package, colleague):
    Package.objects.update(expires_at=timezone.now() + timedelta(hours=1))

    link, _ = made(owner, package, account=colleague)

    assert link.expires_at - timezone.now() <= timedelta(hours=1)


def test_colleague_who_left_the_project_has_a_link_no_more(project, owner, package, colleague):
    token = made(owner, package, account=colleague).token
    project.memberships.filter(user=colleague).delete()

    with pytest.raises(ValidationError, match="any more"):
        use_link(link=link_of(token), person=colleague)


def test_link_of_an_expired_package_opens_nothing(owner, package, colleague):
    token = made(owner, package, account=colleague).token
    Package.objects.update(state=State.EXPIRED)

    with pytest.raises(ValidationError):
        use_link(link=link_of(token), person=colleague)


def test_links_of_others_are_not_under_this_package(owner, package, colleague, client):
    link, _ = made(owner, package, account=colleague)
    other = ProjectFactory(acronym="ECTMRI", members={owner: Role.OWNER})
    theirs = ready_package(other, owner)
    client.force_login(owner)

    answer = client.post(f"/exports/ECTMRI/{theirs.pk}/links/{link.pk}/revoke/")

    assert answer.status_code == 404
    assert DownloadLink.objects.open().count() == 1
