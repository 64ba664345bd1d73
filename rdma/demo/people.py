"""Who is in the demo: invented people, two projects, and a destination."""

import secrets
from datetime import timedelta

from django.utils import timezone

from projects.actions import create_project, set_member
from projects.models import Project, User
from projects.roles import HospitalRole, Role
from transfers.models import Destination, ProjectDestination
from transfers.states import Replaces

PEOPLE = {
    "kari": ("Kari", "Moen", "project administrator of BICAM and ECTMRI"),
    "ola": ("Ola", "Berg", "researcher in BICAM"),
    "ingrid": ("Ingrid", "Sund", "owner of BICAM (principal investigator)"),
    "dataoffice": ("Dag", "Lie", "data office: sees all of quarantine, makes projects"),
    "operations": ("Odd", "Holm", "operations: Django admin at /admin/"),
}
PROJECTS = {"BICAM": ["baseline", "6month"], "ECTMRI": ["baseline", "after"]}


def make_people() -> dict[str, str]:
    """Make everybody who is missing; return a fresh password for each, by user name."""
    passwords = {}
    for username, (first, last, _) in PEOPLE.items():
        user, _is_new = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last}
        )
        passwords[username] = secrets.token_urlsafe(9)
        user.set_password(passwords[username])
        user.hospital_role = (
            HospitalRole.DATA_OFFICE if username == "dataoffice" else HospitalRole.NONE
        )
        user.is_staff = user.is_superuser = username == "operations"
        user.save()
    return passwords


def make_projects() -> list[Project]:
    """Make both projects, with their people; the first is the one that DATA goes into."""
    office = User.objects.get(username="dataoffice")
    today = timezone.localdate()
    projects = []
    for acronym, events in PROJECTS.items():
        project = Project.objects.filter(acronym=acronym).first()
        if project is None:
            project = create_project(
                by=office,
                acronym=acronym,
                title="Invented for the demo",
                approval_number="2019/1234" if acronym == "BICAM" else "123456",
                approval_start=today - timedelta(days=200),
                approval_end=today + timedelta(days=600 if acronym == "BICAM" else 80),
                participant_pattern=f"{acronym}_{{n:04}}",
                ae_title=acronym,
                events=events,
            )
        for username, role in _roles(acronym).items():
            user = User.objects.get(username=username)
            set_member(by=office, project=project, user=user, role=role)
        projects.append(project)
    return projects


def _roles(acronym: str) -> dict[str, Role]:
    roles = {"kari": Role.ADMINISTRATOR}
    if acronym == "BICAM":
        roles |= {"ola": Role.RESEARCHER, "ingrid": Role.OWNER}
    return roles


def make_destination(projects: list[Project], port: int) -> Destination:
    """Point the demo's destination at the Storage SCP that stands in for the research PACS."""
    destination, _ = Destination.objects.update_or_create(
        name="Research PACS (demo)",
        defaults={
            "ae_title": "RESEARCHPACS",
            "host": "127.0.0.1",
            "port": port,
            "replaces": Replaces.OVERWRITES,
            "is_active": True,
        },
    )
    for project in projects:
        ProjectDestination.objects.get_or_create(project=project, destination=destination)
    return destination
