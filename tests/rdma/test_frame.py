"""The frame around every page: one sees what one may open, and where one is."""

import pytest

from projects.roles import Role
from rdma.frame import section_of
from review.states import Standing
from tests.factories import ElementFactory, ProjectFactory, UserFactory


@pytest.mark.parametrize(
    ("path", "section"),
    [
        *(("/", "home"), ("/assign/7/", "assign"), ("/attach/", "assign")),
        *(("/transfers/held/", "transfers"), ("/review/BICAM/", "review")),
        *(("/projects/BICAM/people/", "projects"), ("/password/", "")),
    ],
)
def test_an_address_belongs_to_a_part_of_the_portal(path, section):
    assert section_of(path) == section


def side(client, address):
    page = client.get(address).content.decode()
    _, _, rest = page.partition('<nav class="side" aria-label="Project">')
    return rest.partition("</nav>")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "missing"),
    [
        (Role.OWNER, set()),
        (Role.RESEARCHER, {"Settings"}),
        (Role.CONTROLLER, {"Settings"}),
    ],
)
def test_the_list_beside_a_project_holds_what_one_may_open(client, role, missing):
    user = UserFactory()
    client.force_login(user)
    ProjectFactory(acronym="BICAM", members={user: role})

    listed = side(client, "/projects/BICAM/")

    for name in ("Overview", "Transfers", "Review", "Exports", "People", "Settings"):
        assert (f">{name}</a>" in listed) == (name not in missing)


@pytest.mark.django_db
def test_the_list_marks_the_page_one_is_on_and_no_other(client):
    user = UserFactory()
    client.force_login(user)
    ProjectFactory(acronym="BICAM", members={user: Role.OWNER})

    listed = side(client, "/projects/BICAM/people/")

    assert listed.count("aria-current") == 1
    assert 'href="/projects/BICAM/people/" aria-current="page"' in listed


@pytest.mark.django_db
def test_a_page_that_belongs_to_no_project_has_no_list(client):
    client.force_login(UserFactory())

    assert side(client, "/projects/") == ""


@pytest.mark.django_db
def test_somebody_who_may_assign_nothing_is_not_offered_it(client):
    user = UserFactory()
    client.force_login(user)
    ProjectFactory(members={user: Role.RESEARCHER})

    assert 'href="/assign/"' not in client.get("/").content.decode()


@pytest.mark.django_db
def test_the_list_says_what_is_new_to_judge(client):
    user = UserFactory()
    client.force_login(user)
    project = ProjectFactory(acronym="BICAM", members={user: Role.OWNER})
    ElementFactory(project=project, standing=Standing.NEW)
    ElementFactory(project=project, standing=Standing.SAFE)

    listed = side(client, "/projects/BICAM/")

    assert "1 new" in listed
