"""What scopes open, address by address, and what neither token nor service account ever may."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.views import APIView

from projects.models import Project, User
from projects.models.people import Kind
from projects.roles import HospitalRole, Permission, Role, everywhere_with
from projects.tokens.access import Access
from projects.tokens.making import make_service_account, make_token
from projects.tokens.routes import MAKES_NOTHING, NOBODY, ROUTES, TELLS_A_SECRET, scopes_for
from projects.tokens.scopes import (
    COVERED,
    SERVICE_COVERED,
    Scope,
    bounds_of,
    every_choice,
    parsed,
)
from tests.factories import ProjectFactory, StudyFactory, UserFactory
from tests.tokens import bearer

READ, TRANSFER, EXPORT = Scope
GOVERNING = {
    Permission.MANAGE_PROJECT,
    Permission.MANAGE_MEMBERS,
    Permission.MANAGE_DESTINATIONS,
    Permission.CREATE_PROJECT,
    Permission.JUDGE,
    Permission.SIGN_OFF,
    Permission.SEE_IDENTIFIED,
}


def rest_views(resolver=None):
    """Yield the name and the view class of every address that REST answers at."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from rest_views(entry)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None) or getattr(
                entry.callback, "view_class", None
            )
            if isinstance(view, type) and issubclass(view, APIView):
                yield entry.name, view


def test_the_table_names_every_rest_address_and_no_other():
    assert set(ROUTES) == {name for name, _ in rest_views()} - {"api-docs"}  # a page for people
    assert set(ROUTES) >= MAKES_NOTHING | TELLS_A_SECRET


def test_every_rest_view_asks_for_scopes_and_counts():
    for name, view in rest_views():
        assert Access in view.permission_classes, name


def test_an_address_that_is_not_in_the_table_takes_no_token():
    assert scopes_for("api-of-tomorrow", "GET") == NOBODY


@pytest.mark.parametrize("scope", Scope)
def test_no_scope_covers_governance_or_the_sight_of_identified_data(scope):
    assert not COVERED[scope] & GOVERNING
    assert not SERVICE_COVERED & (GOVERNING | {Permission.RESOLVE_FINDINGS})


@pytest.fixture
def kari():
    return UserFactory(username="kari")


@pytest.fixture
def bicam(kari):
    return ProjectFactory(acronym="BICAM", members={kari: Role.OWNER})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("projects/BICAM/tags/", READ),
        ("audit/", READ),
        ("studies/", TRANSFER),
        ("exports/1/download/", EXPORT),
        ("exports/1/links/", EXPORT),
    ],
)
def test_only_the_scope_of_an_address_opens_it(client, kari, bicam, address, scope):
    others = bearer(kari, *(set(Scope) - {scope}))

    refused = client.get(f"/api/v1/{address}", headers=others)
    let_in = client.get(f"/api/v1/{address}", headers=bearer(kari, scope))

    assert refused.status_code == 403
    assert scope.value in refused.json()["detail"]
    assert let_in.status_code in {200, 404}


@pytest.mark.django_db
def test_looking_is_not_changing(client, kari, bicam):
    participants = "/api/v1/projects/BICAM/participants/"
    wish = {"data": {"pseudonym": "BICAM_0001"}, "content_type": "application/json"}

    assert client.get(participants, headers=bearer(kari, READ)).status_code == 200
    assert client.post(participants, **wish, headers=bearer(kari, READ)).status_code == 403
    assert not bicam.participants.exists()
    assert client.post(participants, **wish, headers=bearer(kari, TRANSFER)).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "wish"),
    [
        ("projects/BICAM/events/", {"name": "12month"}),
        ("projects/", {"acronym": "SECOND"}),
        ("destinations/", {"name": "PACS"}),
    ],
)
def test_what_governs_a_project_is_not_changed_by_a_token(client, bicam, address, wish):
    office = UserFactory(data_office=True)
    bicam.memberships.create(user=office, role=Role.OWNER)

    answer = client.post(
        f"/api/v1/{address}", wish, content_type="application/json", headers=bearer(office)
    )

    assert answer.status_code == 403
    assert "signed in" in answer.json()["detail"]


@pytest.mark.django_db
def test_without_the_scope_transfer_not_even_the_data_office_reaches_quarantine(client, bicam):
    office = UserFactory(data_office=True)
    study = StudyFactory()
    headers = bearer(office, READ, EXPORT)

    assert client.get(f"/api/v1/studies/{study.pk}/", headers=headers).status_code == 403
    office.token_bounds = bounds_of(frozenset({READ, EXPORT}), None)
    assert not office.may(Permission.SEE_QUARANTINE)
    assert not type(study).objects.visible_to(office).exists()


@pytest.mark.django_db
def test_whoever_came_by_a_token_makes_no_token(kari, bicam):
    kari.token_bounds = bounds_of(frozenset(Scope), None)

    with pytest.raises(PermissionDenied):
        make_token(
            by=kari,
            name="another",
            scopes=frozenset({READ}),
            last_day=timezone.localdate() + timedelta(days=1),
        )


@pytest.fixture
def program(kari, bicam):
    return make_service_account(by=kari, project=bicam, name="REDCap", role=Role.DATA_MANAGER)


@pytest.mark.django_db
def test_a_program_brings_studies_in_and_neither_releases_nor_judges(program, bicam):
    rights = {one for one in Permission if program.may(one, bicam)}

    assert Permission.REQUEST_TRANSFER in rights
    assert not rights & {
        Permission.RESOLVE_FINDINGS,
        Permission.JUDGE,
        Permission.SIGN_OFF,
        Permission.SEE_IDENTIFIED,
    }
    assert not program.may_anywhere(Permission.JUDGE)
    assert not program.may_partly(Permission.RESOLVE_FINDINGS, bicam)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR, Role.CONTROLLER])
def test_the_database_gives_a_program_no_role_of_a_person(program, bicam, role):
    with pytest.raises(IntegrityError, match="service account"), transaction.atomic():
        bicam.memberships.filter(user=program).update(role=role)


@pytest.mark.django_db
def test_the_database_keeps_a_program_in_its_one_project(program):
    other = ProjectFactory()

    with pytest.raises(IntegrityError, match="service account"), transaction.atomic():
        other.memberships.create(user=program, role=Role.RESEARCHER)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "gift",
    [
        {"password": "argon2$something"},
        {"hospital_role": "data_office"},
        {"is_superuser": True},
        {"is_staff": True},
        {"service_of": None},
    ],
    ids=lambda gift: next(iter(gift)),
)
def test_the_database_gives_a_program_nothing_of_a_person(program, gift):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=program.pk).update(**gift)


@pytest.mark.django_db
def test_a_program_ends_with_its_project(client, program, bicam):
    headers = bearer(program)
    assert client.get("/api/v1/projects/", headers=headers).status_code == 200

    bicam.approval_end = timezone.localdate() - timedelta(days=1)
    bicam.save()

    answer = client.get("/api/v1/projects/", headers=headers)
    assert answer.status_code == 401
    assert "ended" in answer.json()["detail"]


@pytest.mark.django_db
def test_nobody_signs_in_as_a_program(client, program):
    for password in ("", "!", program.password):
        client.post("/sign-in/", {"username": program.username, "password": password})
        assert not client.session.get("_auth_user_id")
    assert program.kind == Kind.SERVICE


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*Role, *(one for one in HospitalRole if one)])
def test_a_token_gives_no_right_that_its_person_has_not_and_lists_agree(role):
    is_member = isinstance(role, Role)
    person = UserFactory(hospital_role="" if is_member else role)
    projects = [ProjectFactory(members={person: role} if is_member else {}) for _ in range(2)]
    first = projects[0]

    for choice in every_choice():
        for bound in (None, first.pk):
            person.token_bounds = None
            own = {(one, p.pk) for one in Permission for p in projects if person.may(one, p)}
            person.token_bounds = bounds_of(parsed(choice), bound)
            by_token = {(one, p.pk) for one in Permission for p in projects if person.may(one, p)}
            listed = {
                (one, p.pk) for one in Permission for p in Project.objects.permitting(person, one)
            }

            covered = set().union(*(COVERED[scope] for scope in parsed(choice)))
            reached = {first.pk} if bound else {p.pk for p in projects}
            assert by_token == {(one, p) for one, p in own if one in covered and p in reached}
            assert listed == by_token
            assert {one for one in Permission if person.may_anywhere(one)} == {
                one for one, _ in by_token
            } | ({one for one in covered if not is_member and person_may(person, one)})


def person_may(person, permission):
    """Tell whether a hospital role carries a right that belongs to no project."""
    return person.hospital_role in everywhere_with(permission)
