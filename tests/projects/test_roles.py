"""One table says who may do what; it is total, and the queries say the same."""

import pytest
from django.contrib.auth.models import AnonymousUser

from projects.models import Project
from projects.roles import (
    PERMITTED,
    HospitalRole,
    Permission,
    Role,
    everywhere_with,
    roles_with,
)
from tests.factories import ProjectFactory, UserFactory


def test_every_permission_has_a_row_and_somebody_who_holds_it():
    assert set(PERMITTED) == set(Permission)
    assert all(PERMITTED.values())


def test_every_role_sees_its_project_and_having_no_hospital_role_gives_nothing():
    assert set(Role) <= PERMITTED[Permission.VIEW_PROJECT]
    assert not any(HospitalRole.NONE in held for held in PERMITTED.values())


def test_the_two_lists_of_a_permission_are_its_row():
    for permission in Permission:
        both = {*roles_with(permission), *everywhere_with(permission)}
        assert both == PERMITTED[permission]


def test_who_reads_only_may_change_nothing():
    changes = set(Permission) - {
        *(Permission.VIEW_PROJECT, Permission.REVIEW, Permission.VIEW_AUDIT),
    }

    assert not any(Role.CONTROLLER in PERMITTED[permission] for permission in changes)
    assert not any(HospitalRole.AUDITOR in PERMITTED[permission] for permission in changes)


@pytest.mark.django_db
@pytest.mark.parametrize("permission", Permission)
def test_asking_about_one_project_and_asking_for_all_agree(permission):
    here, elsewhere = ProjectFactory(), ProjectFactory()
    people = [UserFactory(), UserFactory(data_office=True), UserFactory(auditor=True)]
    for role in Role:
        member = UserFactory()
        here.memberships.create(user=member, role=role)
        people.append(member)

    for person in people:
        listed = set(Project.objects.permitting(person, permission))
        assert listed == {p for p in (here, elsewhere) if person.may(permission, p)}


@pytest.mark.django_db
def test_being_superuser_opens_no_project_and_who_is_switched_off_may_nothing():
    root = UserFactory(is_superuser=True, is_staff=True)
    gone = UserFactory(data_office=True, is_active=False)
    project = ProjectFactory(members={gone: Role.OWNER})

    assert not root.may(Permission.VIEW_PROJECT, project)
    assert not gone.may(Permission.VIEW_PROJECT, project)
    assert not gone.may_anywhere(Permission.VIEW_PROJECT)
    assert not Project.objects.visible_to(gone).exists()
    assert not Project.objects.visible_to(AnonymousUser()).exists()
