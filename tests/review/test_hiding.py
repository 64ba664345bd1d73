"""Values that are hidden until somebody asks: on pages, in examples, and who asked on record."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from projects.models import AuditEvent
from review.actions.showing import show_values
from review.hiding import hidden_ids, hides, why_hidden
from review.models import Element, ElementDecision

pytestmark = pytest.mark.django_db

COMMENTS, SECRET = "(0020,4000)", "patient moved"


@pytest.fixture
def comments(reviewed):
    """Image Comments: Table E.1-1 names it, and the profile cleans it."""
    return reviewed.elements.get(path=COMMENTS)


def address_of(element, name="review-element"):
    return reverse(name, args=["BICAM", element.pk])


def shown_events(user):
    return AuditEvent.objects.filter(verb="showed_values", actor=user)


def decided(element, row, action="K"):
    """Say that the plan did this with an element, and nothing else."""
    decisions = ElementDecision.objects.filter(element=element)
    decisions.update(row=row, action=action)
    assert decisions.count() == 1
    return Element.objects.get(pk=element.pk)


@pytest.mark.parametrize("name", ["review-element", "review-examples"])
def test_a_hidden_value_is_on_no_page_that_is_opened(client, owner, comments, name):
    client.force_login(owner)

    page = client.get(address_of(comments, name)).content.decode()

    assert SECRET not in page
    assert "hidden" in page
    assert not shown_events(owner).exists()


@pytest.mark.parametrize("name", ["review-element", "review-examples"])
def test_asking_shows_the_values_and_is_recorded_without_them(client, owner, comments, name):
    client.force_login(owner)

    page = client.post(address_of(comments, name), {"show": comments.pk}).content.decode()

    assert SECRET in page
    event = shown_events(owner).get()
    assert (event.object_id, event.project) == (comments.pk, comments.project)
    assert event.facts == {"element": comments.digest}


def test_the_next_page_hides_them_again(client, owner, comments):
    client.force_login(owner)
    client.post(address_of(comments), {"show": comments.pk})

    page = client.get(address_of(comments)).content.decode()

    assert SECRET not in page


def test_asking_for_another_element_shows_nothing(client, owner, comments):
    client.force_login(owner)

    page = client.post(address_of(comments), {"show": comments.pk + 1}).content.decode()

    assert SECRET not in page
    assert not shown_events(owner).exists()


def test_nobody_searches_in_values_that_are_hidden(client, owner, comments):
    client.force_login(owner)

    without = client.post(address_of(comments), {"words": "no such words"}).context["page"]
    shown = client.post(address_of(comments), {"words": "moved", "show": comments.pk})

    assert len(without) == 2
    assert [row.text for row in shown.context["page"]] == [SECRET]


def test_a_value_s_own_page_hides_it_too(client, owner, comments):
    client.force_login(owner)
    row = comments.element_values.get(value__text=SECRET)
    address = reverse("review-places", args=["BICAM", comments.pk, row.value_id])

    assert SECRET not in client.get(address).content.decode()
    assert SECRET in client.post(address, {"show": comments.pk}).content.decode()


def test_asking_again_within_the_hour_is_on_record_once(owner, comments):
    show_values(by=owner, element=comments)
    show_values(by=owner, element=comments)

    assert shown_events(owner).count() == 1


def test_asking_again_after_an_hour_is_on_record_twice(owner, comments, monkeypatch):
    show_values(by=owner, element=comments)

    monkeypatch.setattr("review.actions.showing.ON_RECORD_FOR", timedelta(0))
    show_values(by=owner, element=comments)

    assert shown_events(owner).count() == 2


def test_who_may_not_review_is_shown_nothing(client, auditor, comments):
    with pytest.raises(PermissionDenied):
        show_values(by=auditor, element=comments)

    client.force_login(auditor)
    assert client.post(address_of(comments), {"show": comments.pk}).status_code == 403
    assert not shown_events(auditor).exists()


def test_what_the_plan_keeps_of_the_standard_s_table_is_hidden(comments):
    Element.objects.filter(pk=comments.pk).update(risk=0)

    for row, action, why in (
        ("E.1-1 Image Comments: X, C by descriptors", "C", "listed"),
        ("E.1-1 Patient's Age: X, K by patient characteristics", "A", "listed"),
        ("rule of the project: (0020,4000) keep", "K", "listed"),
        ("E.1-1 Station Name: X/Z/D, K by device", "T", ""),
        ("E.1-1 Study Time: X/Z, C by modified dates", "K", ""),
        ("E.1-1 Image Comments: X", "D", ""),
        ("written by de-identification", "W", ""),
    ):
        assert why_hidden(decided(comments, row, action)) == why, row


def test_private_elements_are_hidden_unless_the_safe_list_names_them(comments):
    Element.objects.filter(pk=comments.pk).update(
        risk=0, is_private=True, tag="0051,xx1F", path='(0051,"ACME",1F)'
    )

    for row, why in (
        ("private element on the safe list", ""),
        ("private element that is not on the safe list", "private"),
        ("the table of 2019 keeps private elements", "private"),
    ):
        assert why_hidden(decided(comments, row)) == why, row


def test_what_looks_like_telling_of_a_person_is_hidden_whatever_the_plan_says(reviewed):
    rows = reviewed.elements.get(path="(0028,0010)")
    assert not hides(rows)

    Element.objects.filter(pk=rows.pk).update(risk=3)

    assert why_hidden(Element.objects.get(pk=rows.pk)) == "looks"
    assert rows.pk in hidden_ids(reviewed)


def test_what_nobody_has_decided_about_is_hidden(comments):
    shown = Element.objects.create(
        project=comments.project,
        digest="0" * 64,
        path="(0018,0001)",
        tag="0018,0001",
        vr="LO",
        first_seen_at=timezone.now(),
        changed_at=timezone.now(),
    )

    assert why_hidden(shown) == "undecided"
