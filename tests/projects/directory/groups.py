"""Giving roles by groups of the directory, and signing in to have them."""

from django.urls import reverse

from projects.models import User
from projects.roles import Role
from tests.services.slapd import PASSWORD


def give(office, group, project="BICAM", role=Role.RESEARCHER):
    said = {"dn": group, "project": project, "role": role}
    return office.post(reverse("directory-add"), said)


def sign_in(client, name="kari"):
    client.post("/sign-in/", {"username": name, "password": PASSWORD})


def kari():
    return User.objects.get(username="kari")
