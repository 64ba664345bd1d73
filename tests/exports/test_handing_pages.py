"""Handing a package out on its page and by REST, for everybody who may come to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exports.actions.downloads import record_download
from exports.delivering.bells import resume_deliveries
from exports.models import Delivery, DownloadLink, OutsideLinks, Package, PackageDestination
from exports.passwords import draw_secret, package_password
from exports.states import DeliveryState, DestinationKind, State
from projects.models import AuditEvent
from projects.roles import HospitalRole, Role
from tests.exports.ready import destination_for, ready_package
from tests.factories import ProjectFactory, UserFactory

API = "application/json"


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]


@pytest.fixture
def package(project, owner):
    package = ready_package(project, owner)
    Package.objects.filter(pk=package.pk).update(wrapped_secret=draw_secret(project))
    package.refresh_from_db()
    return package


@pytest.fixture
def destination(project) -> PackageDestination:
    return destination_for(
        project, DestinationKind.UPLOAD, port=1, place="files", secret="invented"
    )


@pytest.fixture
def office(db):
    return UserFactory(data_office=True)


def onlooker(project, role):
    user = UserFactory()
    if isinstance(role, HospitalRole):
        user.hospital_role = role
        user.save()
    elif role is not None:
        project.memberships.create(user=user, role=role)
    return user


DEEDS = ["links/", "password/", "deliver/", "revoke/"]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CONTROLLER, 403), (HospitalRole.AUDITOR, 403), (None, 404)],
)
def test_who_may_not_export_hands_nothing_out(deed, role, status, project, package, client):
    client.force_login(onlooker(project, role))

    page = client.post(f"/exports/BICAM/{package.pk}/{deed}", {"destination": "1"})
    rest = client.post(f"/api/v1/exports/{package.pk}/{deed}".replace("deliver/", "deliveries/"))

    assert (page.status_code, rest.status_code) == (status, status)
    package.refresh_from_db()
    assert package.state == State.READY
    assert not DownloadLink.objects.exists()


def test_link_is_made_on_the_page_and_its_address_is_shown_once(package, owner, client):
    client.force_login(owner)
    page = f"/exports/BICAM/{package.pk}/"

    made = client.post(f"{page}links/", {"person": "owner", "days": 7, "uses": 2})

    link = DownloadLink.objects.get()
    text = made.content.decode()
    assert made["Cache-Control"] == "private, no-store"
    assert "http://testserver/exports/get/#" in text
    assert (link.account, link.most_uses) == (owner, 2)
    assert "/exports/get/#" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"person": "nobody"}, "Nobody who can sign in"),
        ({"person": "partner@example.org"}, "its own people only"),
        ({"person": "owner", "days": 400}, "less than or equal to 30"),
    ],
)
def test_link_that_cannot_be_made_is_said(typed, sentence, package, owner, client):
    client.force_login(owner)

    answer = client.post(
        f"/exports/BICAM/{package.pk}/links/", {"days": 7, "uses": 3} | typed, follow=True
    )

    assert sentence in answer.content.decode()
    assert not DownloadLink.objects.exists()


def test_code_of_a_link_is_shown_apart_from_its_address(project, package, owner, office, client):
    OutsideLinks.objects.create(project=project, allowed_by=office)
    client.force_login(owner)
    page = f"/exports/BICAM/{package.pk}/links/"

    made = client.post(page, {"person": "partner@example.org", "days": 7, "uses": 1})
    link = DownloadLink.objects.get()
    code = client.post(f"{page}{link.pk}/code/")

    assert link.code not in made.content.decode()
    assert link.code in code.content.decode()
    assert "/exports/get/#" not in code.content.decode()
    assert AuditEvent.objects.about(package).filter(verb="link_code_shown", actor=owner).exists()


def test_password_is_shown_by_a_button_and_that_is_recorded(package, owner, client):
    client.force_login(owner)
    address = f"/exports/BICAM/{package.pk}/password/"

    looked = client.get(address).content.decode()
    shown = client.post(address)

    assert package_password(package) not in looked
    assert package_password(package) in shown.content.decode()
    assert shown["Cache-Control"] == "private, no-store"
    assert "7-Zip" in looked
    assert AuditEvent.objects.about(package).filter(verb="showed_password").count() == 1


def test_package_without_a_password_says_so(project, owner, client):
    client.force_login(owner)

    answer = client.post(
        f"/exports/BICAM/{ready_package(project, owner).pk}/password/", follow=True
    )

    assert "not encrypted" in answer.content.decode()


def test_package_is_sent_from_its_page_and_stopped_there(package, owner, destination, client):
    client.force_login(owner)
    page = f"/exports/BICAM/{package.pk}/"
    assert destination.name in client.get(page).content.decode()

    client.post(f"{page}deliver/", {"destination": destination.pk})
    delivery = Delivery.objects.get()
    again = client.post(f"{page}deliver/", {"destination": destination.pk}, follow=True)
    moving = client.get(f"{page}deliveries/").content.decode()
    client.post(f"{page}deliveries/{delivery.pk}/cancel/")

    delivery.refresh_from_db()
    assert "on its way" in again.content.decode()
    assert "every 2s" in moving
    assert delivery.state == DeliveryState.CANCELLED
    assert Delivery.objects.count() == 1


def test_destination_of_another_project_is_not_there(package, owner, client):
    other = ProjectFactory(acronym="ECTMRI")
    theirs = destination_for(other, DestinationKind.UPLOAD, port=1, secret="theirs")
    client.force_login(owner)

    page = client.post(f"/exports/BICAM/{package.pk}/deliver/", {"destination": theirs.pk})
    rest = client.post(
        f"/api/v1/exports/{package.pk}/deliveries/", {"destination": theirs.name}, API
    )

    assert (page.status_code, rest.status_code) == (404, 400)
    assert not Delivery.objects.exists()


def test_page_lists_who_has_it_and_taking_it_back_leaves_the_list(package, owner, client):
    record_download(by=owner, package=package, start=0, end=10)
    client.force_login(owner)
    page = f"/exports/BICAM/{package.pk}/"

    before = client.get(page).content.decode()
    client.post(f"{page}revoke/")
    after = client.get(page).content.decode()

    assert "not to its end" in before
    assert "Take the package back" in before
    assert "Who has it" in after
    assert "Take the package back" not in after
    assert client.get(f"{page}download/").status_code == 404


def test_data_office_takes_back_what_it_may_not_export(package, office, client):
    client.force_login(office)

    text = client.get(f"/exports/BICAM/{package.pk}/").content.decode()
    client.post(f"/exports/BICAM/{package.pk}/revoke/")

    package.refresh_from_db()
    assert "Take the package back" in text
    assert "Make a link" not in text
    assert package.state == State.REVOKED


def test_all_of_it_over_rest(package, owner, destination, client):
    client.force_login(owner)
    root = f"/api/v1/exports/{package.pk}/"
    ends = (timezone.now() + timedelta(days=1)).isoformat()

    made = client.post(f"{root}links/", {"account": "owner", "expires_at": ends}, API)
    listed = client.get(f"{root}links/").json()["results"]
    password = client.post(f"{root}password/").json()
    sent = client.post(f"{root}deliveries/", {"destination": destination.name}, API)
    stopped = client.post(f"{root}deliveries/{sent.json()['id']}/cancel/").json()
    closed = client.post(f"{root}links/{made.json()['id']}/revoke/").json()
    record_download(by=owner, package=package)
    held = client.post(f"{root}revoke/").json()

    assert made.status_code == 201
    assert "#" in made.json()["address"]
    assert "address" not in listed[0]
    assert password == {"secret": package_password(package)}
    assert (sent.status_code, stopped["state"]) == (201, "cancelled")
    assert closed["is_open"] is False
    assert [one["name"] for one in held] == [owner.display_name]
    assert client.get(f"{root}holders/").json()["results"] == held


def test_destination_is_described_by_the_data_office_and_its_secret_is_shown_nowhere(
    project, owner, office, client, settings
):
    facts = {
        "name": "TSD gateway",
        "kind": "upload",
        "host": "uploads.example.org",
        "place": "files",
        "secret": "a token that nobody sees",
        "reads_back": "on",
        "is_active": "on",
        "projects": [project.pk],
    }
    client.force_login(owner)
    assert client.get("/exports/destinations/").status_code == 403
    assert client.post("/exports/destinations/new/", facts).status_code == 403
    client.force_login(office)

    refused = client.post("/exports/destinations/new/", facts)
    settings.DELIVERY_HOSTS = ["uploads.example.org"]
    kept = client.post("/exports/destinations/new/", facts)
    row = PackageDestination.objects.get()
    changed = client.post(f"/exports/destinations/{row.pk}/", facts | {"secret": "", "place": "in"})

    assert "RDMA_DELIVERY_HOSTS" in refused.content.decode()
    assert (kept.status_code, changed.status_code) == (302, 302)
    row.refresh_from_db()
    assert (row.secret, row.place) == ("a token that nobody sees", "in")
    assert list(row.projects.all()) == [project]
    for page in ("/exports/destinations/", f"/exports/destinations/{row.pk}/"):
        assert "a token that nobody sees" not in client.get(page).content.decode()
    events = AuditEvent.objects.about(row).order_by("pk")
    assert [event.verb for event in events] == ["added", "changed"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"host": "https://uploads.example.org/"}, "Give a name or an address alone"),
        ({"kind": "sftp", "host_key": "no key at all", "port": 22}, "no public key"),
        ({"kind": "sftp", "port": 22}, "SFTP server needs this"),
        ({"kind": "dicom", "port": 104, "place": "A NAME THAT IS TOO LONG"}, "no such name"),
        ({"is_plain": "on"}, "Only this very machine"),
        ({"place": "../elsewhere"}, "no such name"),
    ],
)
def test_destination_that_cannot_work_is_refused_beside_its_field(
    wrong, sentence, office, client, settings
):
    settings.DELIVERY_HOSTS = ["uploads.example.org"]
    facts = {"name": "X", "kind": "upload", "host": "uploads.example.org", "secret": "s"}
    client.force_login(office)

    answer = client.post("/exports/destinations/new/", facts | {"account": "a"} | wrong)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PackageDestination.objects.exists()


def test_data_office_lets_a_project_hand_packages_outside_and_stops_it(project, office, client):
    client.force_login(office)
    address = "/exports/destinations/outside/BICAM/"

    client.post(address, {"allowed": "yes"})
    allowed = OutsideLinks.objects.filter(project=project).exists()
    page = client.get("/exports/destinations/").content.decode()
    client.post(address)

    assert allowed
    assert "allowed by" in page
    assert not OutsideLinks.objects.exists()


def test_specification_names_where_a_package_goes(project, owner, package, destination):
    package.specification = {"deliver_to": destination.name}
    package.save()
    elsewhere = ready_package(project, owner)
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(specification={"deliver_to": "nowhere"})

    resume_deliveries()
    resume_deliveries()

    delivery = Delivery.objects.get()
    assert (delivery.package, delivery.destination) == (package, destination)
    assert delivery.requested_by == owner


def test_anonymous_visitors_are_sent_to_sign_in(package, client):
    for address in (f"/exports/BICAM/{package.pk}/password/", "/exports/destinations/"):
        assert client.get(address)["Location"].startswith("/sign-in/")
