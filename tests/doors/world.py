"""Two projects alike, with a row of every kind that an address can name.

    world = make_world(tmp_path)
    world.own["transfer"], world.other["transfer"]    # ids of the same thing here and there

The studies come in through the folder and go through the pipeline, since pages read their files;
what is only named by an address is a row alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from intake.models import Arrival
from intake.uploads import begin_upload
from projects.models import AuditEvent, DirectoryGroup, GroupRole, Project, User
from projects.roles import Role
from projects.tokens.making import make_service_account, make_token
from projects.tokens.scopes import Scope
from review.actions.checks import add_to_check, begin_check, close_check
from review.tasks import check_data
from tests.doors.people import (
    LIMITED,
    MANAGER,
    MEMBERS,
    OWNER,
    STRANGER,
    limit_to_last_site,
    make_people,
    members_of,
)
from tests.doors.world_of_packages import Ids, make_packages, make_specifications
from tests.doors.world_of_studies import (
    make_governance,
    make_held_transfer,
    make_quarantine,
    make_research_copy,
)
from tests.factories import ProjectFactory, UserFactory


@dataclass(frozen=True)
class World:
    """Everybody, and the ids of both projects' rows by what they are."""

    people: dict[str, User]
    own: Ids
    other: Ids


def make_world(folder: Path) -> World:
    """Make both projects with their people. It takes a few seconds."""
    people = make_people()
    bicam = ProjectFactory(
        acronym="BICAM",
        ae_title="BICAM",
        title="Hearts of invented people",
        sites=["Bergen", "Voss"],
        members=members_of(people, MEMBERS),
    )
    limit_to_last_site(people[LIMITED], bicam)
    other = ProjectFactory(
        acronym="OTHER",
        ae_title="OTHER",
        title="Lungs of invented people",
        sites=["Bergen", "Voss"],
        members={people[STRANGER]: Role.ADMINISTRATOR},
    )
    ProjectFactory(acronym="THIRD", members={people[STRANGER]: Role.OWNER})
    own = _fill(bicam, folder / "own", owner=people[OWNER], worker=people[MANAGER])
    stranger = people[STRANGER]
    foreign = _fill(other, folder / "other", owner=stranger, worker=stranger)
    own["offered"], foreign["offered"] = foreign["version"], own["version"]
    return World(people, own, foreign)


def _fill(project: Project, folder: Path, *, owner: User, worker: User) -> Ids:
    """Make a row of every kind in a project, and return their ids."""
    member = project.memberships.order_by("pk").last()
    site, event = project.sites.first(), project.events.first()
    assert member is not None
    assert site is not None
    assert event is not None
    ids: Ids = {
        "acronym": project.acronym,
        "number": project.number,
        "project": project.pk,
        "member": member.pk,
        "person": member.user_id,
        "site": site.pk,
        "event": event.pk,
        "event_name": event.name,
    }
    ids |= make_quarantine(project)
    ids |= make_held_transfer(project, folder / "held", worker)
    ids |= make_research_copy(project, folder / "copy", owner)
    ids |= make_governance(project, ids, worker)
    ids |= make_packages(project, owner, worker)
    ids |= make_specifications(project, owner)
    ids |= _of_one_person(owner, worker)
    ids |= _programs(project, worker)
    ids["audit_event"] = AuditEvent.record(worker, "looked", project).pk
    return ids


def _programs(project: Project, worker: User) -> Ids:
    """Make a token of the worker's, a service account, and a group of the directory."""
    office = UserFactory(data_office=True)
    service = make_service_account(
        by=office, project=project, name=f"redcap {project.acronym}", role=Role.RESEARCHER
    )
    made = make_token(
        by=worker,
        name="script",
        scopes=frozenset({Scope.READ}),
        last_day=timezone.localdate() + timedelta(days=30),
        project=project,
    )
    group = DirectoryGroup.objects.create(
        dn=f"cn={project.acronym},dc=example", key=f"cn={project.acronym.lower()},dc=example"
    )
    given = GroupRole.objects.create(
        group=group, project=project, role=Role.RESEARCHER, created_by=office
    )
    return {"service": service.pk, "token_row": made.token.pk, "group_role": given.pk}


def _of_one_person(owner: User, worker: User) -> Ids:
    """Make what belongs to a person alone: an upload of the worker, checks of the owner."""
    upload = begin_upload(by=worker)
    check, done = begin_check(by=owner), begin_check(by=owner)
    sidecar = SimpleUploadedFile("scan.json", b'{"Comment": "brain of an invented person"}')
    add_to_check(by=owner, check=done, files=[sidecar], names=["scan.json"])
    close_check(by=owner, check=done)
    check_data(done.pk)
    return {
        "upload": upload.pk,
        "settled": Arrival.objects.exclude(ended_at=None).earliest("pk").pk,
        "checked_row": done.pk,
        "check": check.token,
        "checked": done.token,
        "check_element": done.elements.first().pk,
    }
