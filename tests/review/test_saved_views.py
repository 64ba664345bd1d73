"""Views of the inventory under a name: one's own, shared, changed and deleted."""

import pytest
from django.urls import reverse

from projects.models import AuditEvent, Membership
from projects.roles import Role
from review.models import SavedView
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(bicam):
    """Somebody who reviews the project too, and does not manage it."""
    user = UserFactory(username="colleague")
    Membership.objects.create(project=bicam, user=user, role=Role.RESEARCHER)
    return user


def save(client, name, back, **more):
    return client.post(
        reverse("review-views", args=["BICAM"]), {"name": name, "back": back, **more}, follow=True
    )


def listed(client):
    return [
        row["view"].name for row in client.get(reverse("review", args=["BICAM"])).context["views"]
    ]


def test_what_is_shown_is_kept_under_a_name(client, owner, reviewed):
    client.force_login(owner)

    page = save(client, "Private text", "kind=private&sort=-values&page=3&words=Hansen&risk=9")

    view = SavedView.objects.get()
    assert view.choices == {"kind": "private", "sort": "-values"}
    assert page.request["QUERY_STRING"] == "kind=private&sort=-values"
    assert (
        'href="/review/BICAM/?kind=private&amp;sort=-values">Private text</a>'
        in page.content.decode()
    )
    event = AuditEvent.objects.get(verb="saved_view")
    assert (event.actor, event.object_id, event.project) == (owner, view.pk, reviewed)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_proper_name_is_not_kept(client, owner, reviewed, name):
    client.force_login(owner)

    page = save(client, name, "kind=private").content.decode()

    assert not SavedView.objects.exists()
    assert "Give the view a name" in page


def test_two_views_of_one_person_have_two_names(client, owner, reviewed):
    client.force_login(owner)
    save(client, "Mine", "kind=private")

    page = save(client, " Mine ", "kind=text").content.decode()

    assert SavedView.objects.get().choices == {"kind": "private"}
    assert "You have a view of this name here" in page


def test_others_use_a_view_only_when_it_is_shared(client, owner, reviewed, colleague):
    client.force_login(owner)
    save(client, "Mine", "kind=private")
    save(client, "Ours", "kind=text", is_shared="on")

    client.force_login(colleague)

    assert listed(client) == ["Ours"]


def test_only_who_made_it_or_manages_the_project_changes_a_view(client, owner, reviewed, colleague):
    client.force_login(colleague)
    save(client, "Ours", "kind=text", is_shared="on")
    save(client, "Theirs", "kind=text")
    ours, theirs = SavedView.objects.order_by("name")

    client.force_login(owner)
    shared = client.post(
        reverse("review-view", args=["BICAM", ours.pk]), {"name": "All text", "is_shared": "on"}
    )
    not_seen = client.post(reverse("review-view-delete", args=["BICAM", theirs.pk]))
    save(client, "The owner's", "kind=text", is_shared="on")
    client.force_login(colleague)
    owners = SavedView.objects.get(name="The owner's")
    refused = client.post(reverse("review-view-delete", args=["BICAM", owners.pk]))

    assert (shared.status_code, not_seen.status_code, refused.status_code) == (302, 404, 403)
    assert sorted(SavedView.objects.values_list("name", flat=True)) == [
        "All text",
        "The owner's",
        "Theirs",
    ]


def test_a_view_is_deleted(client, owner, reviewed):
    client.force_login(owner)
    save(client, "Mine", "kind=private")

    client.post(reverse("review-view-delete", args=["BICAM", SavedView.objects.get().pk]))

    assert listed(client) == []
    assert AuditEvent.objects.filter(verb="deleted_view", actor=owner).count() == 1


def test_a_view_of_another_project_is_not_there(client, stranger, owner, reviewed):
    client.force_login(owner)
    save(client, "Ours", "kind=text", is_shared="on")
    view = SavedView.objects.get()
    client.force_login(stranger)

    for project in ("BICAM", "OTHER"):
        address = reverse("review-view-delete", args=[project, view.pk])
        assert client.post(address).status_code == 404
    assert SavedView.objects.exists()
