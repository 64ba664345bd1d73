"""Operations see how far packages are and where they go, and change nothing."""

from datetime import timedelta

from django.utils import timezone

from exports.models import Delivery, DownloadLink, Package
from exports.states import DestinationKind, Format
from tests.exports.ready import destination_for
from tests.factories import UserFactory


def test_operations_read_packages_and_change_none(project, client):
    operator = UserFactory(is_staff=True, is_superuser=True)
    package = Package.objects.create(project=project, format=Format.DICOM, requested_by=operator)
    client.force_login(operator)

    listed = client.get("/admin/exports/package/")
    shown = client.get(f"/admin/exports/package/{package.pk}/change/")
    changed = client.post(f"/admin/exports/package/{package.pk}/change/", {"state": "ready"})

    assert listed.status_code == shown.status_code == 200
    assert changed.status_code == 403
    assert client.get("/admin/exports/package/add/").status_code == 403
    assert client.post(f"/admin/exports/package/{package.pk}/delete/").status_code == 403


def test_operations_read_what_leaves_without_its_secrets(project, client):
    operator = UserFactory(is_staff=True, is_superuser=True)
    package = Package.objects.create(project=project, format=Format.DICOM, requested_by=operator)
    place = destination_for(project, DestinationKind.UPLOAD, secret="a token nobody sees")
    sent = Delivery.objects.create(package=package, destination=place, requested_by=operator)
    link = DownloadLink.objects.create(
        package=package,
        token_digest="d" * 64,
        recipient="partner@example.org",
        made_by=operator,
        expires_at=timezone.now() + timedelta(days=1),
    )
    client.force_login(operator)

    for row in (place, sent, link):
        name = row._meta.model_name
        listed = client.get(f"/admin/exports/{name}/")
        shown = client.get(f"/admin/exports/{name}/{row.pk}/change/")

        assert listed.status_code == shown.status_code == 200
        for secret in ("a token nobody sees", "partner@example.org", "d" * 64):
            assert secret not in listed.content.decode() + shown.content.decode()
