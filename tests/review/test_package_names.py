"""Names that files in packages made up themselves: not for everybody who reviews."""

import pytest
from django.urls import reverse

from projects.roles import Role
from review.models import InventoryState, PackageElement, PackageInventory, PackageRemark
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
NAMED = "json:Notes of Synne Kvernstad"


@pytest.fixture
def listed():
    """A project with a researcher, a data manager, and what is listed of a package."""
    people = {Role.RESEARCHER: UserFactory(), Role.DATA_MANAGER: UserFactory()}
    project = ProjectFactory(acronym="BICAM", members={who: role for role, who in people.items()})
    inventory = PackageInventory.objects.create(
        project=project, number=1, key="k", file_name="a.zip", state=InventoryState.READ
    )
    for digest, path in (("a" * 64, NAMED), ("b" * 64, "json:EchoTime")):
        PackageElement.objects.create(inventory=inventory, digest=digest, kind="json", path=path)
    PackageRemark.objects.create(inventory=inventory, place="Kvernstad/a.bin", sentence="Unknown.")
    return people


@pytest.mark.parametrize(
    ("role", "is_shown"), [(Role.RESEARCHER, False), (Role.DATA_MANAGER, True)]
)
def test_names_that_look_like_people_are_for_those_who_see_identified_data(
    listed, client, role, is_shown
):
    client.force_login(listed[role])

    page = client.get(reverse("review-packages", args=["BICAM"])).content.decode()
    element = client.get(reverse("review-package-element", args=["BICAM", "a" * 64]))

    assert ("Kvernstad" in page) is is_shown
    assert ("Kvernstad" in element.content.decode()) is is_shown
    assert "EchoTime" in page
    assert "Unknown." in page
