"""Sending files to be checked, and reading what was found, as tests do it."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from review.models import Check, CheckElement
from review.tasks import check_data


def send(client: Client, files: dict[str, bytes], *, profile: str = "basic") -> Check:
    """Send files as the script does, have the worker look at them, and return the check."""
    begun = client.post(reverse("review-check-begin"), {"profile": profile}).json()
    sent = [SimpleUploadedFile(name.rpartition("/")[2], data) for name, data in files.items()]
    answer = client.post(begun["files"], {"files": sent, "names": list(files)})
    assert answer.status_code == 200, answer.content
    assert client.post(begun["close"]).status_code == 200
    check = Check.objects.latest("pk")
    check_data(check.pk)
    check.refresh_from_db()
    return check


def findings(check: Check) -> dict[str, dict[str, Any]]:
    return {one.code: json.loads(one.facts) for one in check.findings.all()}


def elements(check: Check) -> dict[str, dict[str, Any]]:
    return {facts["path"]: facts for facts in (json.loads(e.facts) for e in check.elements.all())}


def page(client: Client, check: Check, **query: str) -> str:
    return client.get(reverse("review-checked", args=[check.token]), query).content.decode()


def asked(client: Client, check: Check, **fields: Any) -> str:
    address = reverse("review-check-values", args=[check.token])
    return client.post(address, fields).content.decode()


def element_of(check: Check, path: str) -> CheckElement:
    return next(e for e in check.elements.all() if json.loads(e.facts)["path"] == path)
