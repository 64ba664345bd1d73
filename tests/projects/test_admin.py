"""Django admin: people can be made, the rest is looked at, and no key or identity shows."""

import pytest
from django.contrib import admin
from django.urls import reverse

from projects.encryption import BlindIndexField, EncryptedTextField
from projects.models import AuditEvent, GroupRole, Project, User
from tests.factories import ParticipantFactory, ProjectFactory, StudyFactory, UserFactory
from transfers.models import Destination

pytestmark = pytest.mark.django_db

CHANGED_HERE = {User, Destination, GroupRole}
OURS = {"projects", "intake", "transfers", "review", "exports", "privacy", "rdma"}


@pytest.fixture
def operator(client):
    user = UserFactory(username="operator", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def ours():
    return [m for m in admin.site._registry if m._meta.app_label in OURS and m not in CHANGED_HERE]


def test_every_row_but_people_destinations_and_roles_of_groups_is_only_looked_at(rf, operator):
    request = rf.get("/")
    request.user = operator

    assert Project in ours()
    for model in ours():
        page = admin.site._registry[model]
        rights = page.get_model_perms(request)
        assert (rights["add"], rights["change"], rights["delete"]) == (False, False, False), model


def test_no_key_and_no_identified_column_is_in_the_admin(rf, operator):
    request = rf.get("/")
    request.user = operator

    for model in ours():
        page = admin.site._registry[model]
        columns = {*page.get_list_display(request), *page.get_fields(request)}
        secret = {
            field.name
            for field in model._meta.get_fields()
            if isinstance(field, (EncryptedTextField, BlindIndexField))
            or field.name.startswith("wrapped_")
        }
        assert not columns & secret, model


def test_no_list_tells_whether_an_identified_value_is_there(client, operator):
    study = StudyFactory(accession_number="ACC-INVENTED-7")
    studies = reverse("admin:intake_study_changelist")
    transfers = reverse("admin:transfers_transferrequest_changelist")

    asked = [
        client.get(studies, {"accession_index": "ACC-INVENTED-7"}),
        client.get(studies, {"accession_index__in": "ACC-1,ACC-2"}),
        client.get(studies, {"patient": study.patient_id}),
        client.get(transfers, {"study": study.pk}),  # from there to a participant
    ]
    narrowed = client.get(studies, {"door__exact": study.door})

    assert [answer.status_code for answer in asked] == [400, 400, 400, 400]
    assert narrowed.status_code == 200


def test_lists_are_narrowed_by_what_they_show_alone(rf, operator):
    request = rf.get("/")
    request.user = operator

    for model in ours():
        page = admin.site._registry[model]
        shown = {*page.get_list_display(request), *page.get_fields(request), *page.list_filter}
        for field in model._meta.local_fields:
            allowed = page.lookup_allowed(field.name, "1", request)
            assert allowed == (field.name in shown or field.primary_key), (model, field.name)


def test_the_lists_and_pages_open_and_hold_no_key(client, operator):
    participant = ParticipantFactory()
    AuditEvent.record(operator, "looked", participant)

    for thing in (participant, participant.project, AuditEvent.objects.get()):
        name = thing._meta.model_name
        assert client.get(reverse(f"admin:projects_{name}_changelist")).status_code == 200
        page = client.get(reverse(f"admin:projects_{name}_change", args=[thing.pk]))
        assert page.status_code == 200
        assert "wrapped" not in page.content.decode()


def test_operations_make_somebody_with_a_hospital_role_and_it_is_recorded(client, operator):
    answer = client.post(
        reverse("admin:projects_user_add"),
        {
            "username": "office",
            "first_name": "Ola",
            "last_name": "Nordli",
            "hospital_role": "data_office",
            "usable_password": "true",
            "password1": "sju sjøer og sju fjell",
            "password2": "sju sjøer og sju fjell",
        },
    )

    made = User.objects.get(username="office")
    assert answer.status_code == 302
    assert made.hospital_role == "data_office"
    assert made.password.startswith("argon2")
    told = {event.verb: event for event in AuditEvent.objects.about(made)}
    assert told.keys() == {"created", "set_hospital_role"}
    assert {event.actor for event in told.values()} == {operator}
    assert told["set_hospital_role"].facts == {"hospital_role": "data_office"}


def test_who_is_no_staff_is_not_let_in(client):
    client.force_login(UserFactory(data_office=True))
    ProjectFactory()

    assert client.get("/admin/projects/project/").status_code == 302
