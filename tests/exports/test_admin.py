"""Operations see how far packages are, and change nothing."""

from exports.models import Package
from exports.states import Format
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
