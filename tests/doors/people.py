"""Who tries the doors: each role of one project, people beside it, and nobody.

BICAM is the project whose doors are tried. The stranger administers one other project and owns
another, and so has every right that a role in a project gives: what refuses them refuses them for
being elsewhere, and not for lack of a right. A superuser stands for all who are in no project.
"""

from projects.models import Project, User
from projects.roles import Role
from tests.factories import UserFactory

OWNER, ADMINISTRATOR, MANAGER = "owner", "administrator", "data manager"
RESEARCHER, CONTROLLER = "researcher", "controller"
LIMITED = "data manager of another site"
OFFICE, AUDITOR = "data office", "auditor"
STRANGER = "administrator and owner of other projects"
OPERATOR, STAFF = "superuser", "staff without rights"
FORMER, ANONYMOUS = "owner whose account is closed", "anonymous"

MEMBERS = {
    OWNER: Role.OWNER,
    ADMINISTRATOR: Role.ADMINISTRATOR,
    MANAGER: Role.DATA_MANAGER,
    RESEARCHER: Role.RESEARCHER,
    CONTROLLER: Role.CONTROLLER,
    LIMITED: Role.DATA_MANAGER,
    FORMER: Role.OWNER,
}
SIGNED_IN = (
    *(OWNER, ADMINISTRATOR, MANAGER, RESEARCHER, CONTROLLER, LIMITED, OFFICE, AUDITOR),
    *(STRANGER, OPERATOR),
)
EVERYBODY = (*SIGNED_IN, FORMER, ANONYMOUS)


def make_people() -> dict[str, User]:
    """Make everybody but the anonymous one; nobody is in a project yet."""
    people = {name: UserFactory() for name in (*MEMBERS, STRANGER)}
    people[OFFICE] = UserFactory(data_office=True)
    people[AUDITOR] = UserFactory(auditor=True)
    people[OPERATOR] = UserFactory(is_staff=True, is_superuser=True)
    people[STAFF] = UserFactory(is_staff=True)
    return people


def members_of(people: dict[str, User], roles: dict[str, Role]) -> dict[User, Role]:
    """Return who is what in a project."""
    return {people[name]: role for name, role in roles.items()}


def limit_to_last_site(user: User, project: Project) -> None:
    """Limit a member to the site that none of the world's participants is of."""
    site = project.sites.order_by("code").last()
    assert site is not None
    project.memberships.get(user=user).sites.add(site)


def close_account(user: User) -> None:
    """Close the account of a member who signed in before."""
    User.objects.filter(pk=user.pk).update(is_active=False)
