"""Django admin: superusers alone, nothing identified shown, and nothing changed past an action."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse

from projects.models import User
from tests.doors.knocking import House, knock
from tests.doors.people import (
    ADMINISTRATOR,
    ANONYMOUS,
    AUDITOR,
    FORMER,
    OFFICE,
    OPERATOR,
    OWNER,
    STAFF,
    STRANGER,
)
from tests.doors.table import ADMIN, routes
from tests.doors.tally import TALLY
from tests.doors.world import World

pytestmark = pytest.mark.django_db

OTHERS = (OFFICE, AUDITOR, OWNER, ADMINISTRATOR, STRANGER, STAFF, FORMER, ANONYMOUS)
PAGES = ("changelist", "add", "history", "delete", "change")
# What operations do here, and by which pages; everything else is only read.
CHANGED_HERE = {
    ("projects_user", "add"),
    ("projects_user", "change"),
    ("transfers_destination", "add"),
    ("transfers_destination", "change"),
    ("projects_grouprole", "add"),
    ("projects_grouprole", "delete"),
}
# What may be done to many rows at once, by the model's name.
ACTIONS = {"projects_directoryperson": {"same_person"}}
# Pages of admin that belong to no model, beside those that the portal's own stand in for.
ITS_OWN = {
    *("index", "login", "logout", "password_change", "password_change_done"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list", "auth_user_password_change", ""),
}
TELLING = ("Bodil", "Olga", "INVENTED-", "partner@example.org", "a token")


def _models() -> list[type[models.Model]]:
    return list(admin.site._registry)


def _name(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _address(model: type[models.Model], page: str) -> str:
    parts = []
    if page not in ("changelist", "add"):
        row = model._default_manager.order_by("pk").first()
        parts = [row.pk if row else 1]
    return reverse(f"admin:{_name(model)}_{page}", args=parts)


def test_admin_has_no_page_that_these_tests_do_not_know() -> None:
    known = {f"{_name(model)}_{page}" for model in _models() for page in PAGES}
    there = {name.removeprefix("admin:") for name, _ in routes() if name.startswith(f"{ADMIN}:")}

    assert there - known == ITS_OWN


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", _models(), ids=_name)
def test_only_a_superuser_comes_to_a_page_of_admin(
    model: type[models.Model], page: str, world: World, clients: dict[str, Client], house: House
) -> None:
    path = _address(model, page)
    wrong = []

    for method in ("GET", "POST"):
        for name in OTHERS:
            answer = knock(house, clients[name], method, path)
            TALLY["pages of admin"] += 1
            is_nothing = answer.response.headers.get("Location") == reverse("admin:index")
            if not (answer.is_refused or is_nothing) or answer.left:  # there is no such row
                wrong.append(f"{method} {name}: {answer.status} {answer.left}")

    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", _models(), ids=_name)
def test_a_superuser_reads_nothing_identified_and_changes_only_what_is_named(
    model: type[models.Model], page: str, world: World, clients: dict[str, Client], house: House
) -> None:
    path, operator = _address(model, page), clients[OPERATOR]
    may_change = (_name(model), page) in CHANGED_HERE

    read = knock(house, operator, "GET", path)
    done = knock(house, operator, "POST", path, {"post": "yes"})

    TALLY["pages of admin"] += 2
    assert [mark for mark in TELLING if mark in read.text] == []
    assert read.left == ""
    assert read.status < 500
    if page == "changelist":
        assert read.status == 200
    elif page in ("add", "delete") and not may_change:
        assert read.status in (302, 403)  # 302: there is no such row
    if not may_change:
        assert done.left == ""
        assert done.status in (200, 302, 403)


@pytest.mark.parametrize("model", _models(), ids=_name)
def test_nothing_is_done_to_many_rows_at_once_but_what_is_named(
    model: type[models.Model], world: World, rf: RequestFactory
) -> None:
    request: Any = rf.get("/")
    request.user = User.objects.get(pk=world.people[OPERATOR].pk)

    actions = set(admin.site._registry[model].get_actions(request))

    TALLY["kinds of rows in admin"] += 1
    assert actions == ACTIONS.get(_name(model), set())


@pytest.mark.parametrize("page", ["admin:index", "admin:autocomplete"])
def test_pages_of_admin_that_belong_to_no_model_are_the_superusers_too(
    page: str, world: World, clients: dict[str, Client], house: House
) -> None:
    wrong = []

    for name in OTHERS:
        answer = knock(house, clients[name], "GET", reverse(page))
        if not answer.is_refused and not (name == STAFF and page == "admin:index"):
            wrong.append(f"{name}: {answer.status}")

    assert wrong == []
