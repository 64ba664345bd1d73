"""One table says who may do what, and when; it is total, and the queries say the same."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from projects.models import Project
from projects.roles import (
    BY_PHASE,
    BY_SITE,
    PERMITTED,
    HospitalRole,
    Permission,
    Phase,
    Role,
    everywhere_with,
    is_permitted,
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
        *(Permission.VIEW_PROJECT, Permission.VIEW_WHOLE, Permission.REVIEW, Permission.VIEW_AUDIT),
    }

    assert not any(Role.CONTROLLER in PERMITTED[permission] for permission in changes)
    assert not any(HospitalRole.AUDITOR in PERMITTED[permission] for permission in changes)


def test_every_permission_role_and_phase_has_an_answer_and_no_phase_gives_more_than_the_approved():
    answers = {
        (permission, role, phase): is_permitted(permission, role, phase)
        for permission in Permission
        for role in (*Role, *HospitalRole)
        for phase in Phase
    }

    assert set(BY_PHASE) == set(Phase)
    assert all(set(rows) == set(Permission) for rows in BY_PHASE.values())
    assert len(answers) == len(Permission) * (len(Role) + len(HospitalRole)) * len(Phase)
    assert not any(
        given and not answers[permission, role, Phase.APPROVED]
        for (permission, role, _), given in answers.items()
    )


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.ENDED])
def test_without_an_approval_nothing_comes_in_or_goes_out_and_all_can_be_withdrawn(phase):
    closed = {one for one in Permission if BY_PHASE[phase][one] != PERMITTED[one]}

    assert not BY_PHASE[phase][Permission.REQUEST_TRANSFER]
    assert not BY_PHASE[phase][Permission.EXPORT]
    assert not any(is_permitted(Permission.SEE_IDENTIFIED, role, phase) for role in Role)
    assert closed == {
        *(Permission.REQUEST_TRANSFER, Permission.EXPORT, Permission.SEE_IDENTIFIED),
    }


def test_who_brings_in_or_builds_may_also_withdraw_it():
    assert PERMITTED[Permission.CANCEL_TRANSFER] == PERMITTED[Permission.REQUEST_TRANSFER]
    assert PERMITTED[Permission.WITHDRAW_PACKAGES] == PERMITTED[Permission.EXPORT]


def test_what_concerns_the_whole_project_is_not_parted_by_site():
    assert {Permission.MANAGE_PROJECT, Permission.SIGN_OFF, Permission.VIEW_AUDIT}.isdisjoint(
        BY_SITE
    )
    assert Permission.EXPORT not in BY_SITE


@pytest.mark.django_db
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("permission", Permission)
def test_asking_about_one_project_and_asking_for_all_agree(permission, phase):
    start, end = {
        Phase.BEFORE: (5, 9),
        Phase.APPROVED: (0, 0),
        Phase.ENDED: (-9, -1),
    }[phase]
    today = timezone.localdate()
    dates = {
        "approval_start": today + timedelta(days=start),
        "approval_end": today + timedelta(days=end),
    }
    here, elsewhere = ProjectFactory(**dates), ProjectFactory(**dates)
    people = [UserFactory(), UserFactory(data_office=True), UserFactory(auditor=True)]
    for role in Role:
        member = UserFactory()
        here.memberships.create(user=member, role=role)
        people.append(member)

    assert here.phase == phase
    assert set(Project.objects.in_phase(phase)) == {here, elsewhere}
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
