"""Doors of the exports."""

from tests.doors.door import (
    ALL,
    ANYBODY,
    DELETE,
    EXPORT,
    HOSPITAL,
    RESOLVE,
    REVIEW,
    SEE_IDENTIFIED,
    VIEW,
    Door,
    door,
    get,
    post,
)
from tests.doors.people import OFFICE

OF = {"acronym": "acronym"}
REASON = {"reason": "looked at with care"}
TAKE_BACK = EXPORT | {OFFICE}
NEW = {"specification": "preset:dicom", "everyone": "on"}
WANTED = {"project": "{acronym}", "preset": "dicom"}
LINKED = {"person": "nobody", "days": "7", "uses": "3"}
READY = {**OF, "pk": "ready"}
HELD = {**OF, "pk": "held"}
SHEET = {**OF, "pk": "sheet"}

LINKS = [
    get("export-get", ALL),
    post("export-get", frozenset(), {"token": "A" * 43}),
    # Nobody's session has been handed the token of these: test_links.py hands it over.
    get("export-get-link", frozenset(), pk="link"),
    post("export-get-link", frozenset(), pk="link"),
    get("export-get-file", frozenset(), pk="link"),
]

HANDING = [
    get("export-destinations", HOSPITAL),
    get("export-destination-new", HOSPITAL),
    post("export-destination-new", HOSPITAL, {"name": "Lab", "kind": "sftp"}),
    get("export-destination", HOSPITAL, pk="package_place"),
    post("export-destination", HOSPITAL, {"name": "Lab"}, pk="package_place"),
    post("export-outside", HOSPITAL, {"allowed": "yes"}, **OF),
    post("export-link-make", EXPORT, LINKED, **READY),
    post("export-link-code", EXPORT, **READY, link_pk="outside_link"),
    post("export-link-revoke", EXPORT, **READY, link_pk="link"),
    get("export-password", EXPORT, **READY),
    post("export-password", EXPORT, **READY),
    get("export-deliveries", EXPORT, **READY),
    post("export-deliver", EXPORT, {"destination": "{package_place}"}, **READY),
    post("export-delivery-cancel", EXPORT, **READY, delivery_pk="package_delivery"),
    post("export-revoke", TAKE_BACK, **READY),
]

PACKAGES = [
    get("exports", VIEW, **OF),
    post("exports", EXPORT, NEW, **OF),
    get("export-mapping", REVIEW, **OF),
    post("export-mapping", EXPORT, {"deed": "save", **REASON}, **OF),
    post("export-look", EXPORT, NEW, **OF),
    get("export", VIEW, **READY),
    get("export-row", VIEW, **READY),
    post("export-findings-release", RESOLVE, REASON, **HELD),
    post("export-findings-confirm", RESOLVE, **HELD),
    post("export-findings-withdraw", RESOLVE, **HELD),
    post("export-findings-reject", RESOLVE, REASON, **HELD),
    post("export-finding", SEE_IDENTIFIED, **HELD, finding="package_finding"),
    post("export-cancel", EXPORT, **OF, pk="moving"),
    get("export-download", EXPORT, **READY),
]

SPECIFICATIONS = [
    get("export-specification", VIEW, **SHEET),
    post("export-specification", EXPORT, {"deed": "save", "format": "nifti"}, **SHEET),
    post("export-look-at", EXPORT, {"format": "nifti"}, **SHEET),
    get("export-specifications", VIEW, **OF),
    post("export-specifications", EXPORT, {"name": "New", "start": "preset:nifti"}, **OF),
    post("export-specification-upload", EXPORT, {"name": "New", "file": b"format: nifti"}, **OF),
    post("export-specification-take", EXPORT, {"name": "Taken"}, **OF, pk="offered"),
    post("export-specification-offer", EXPORT, **SHEET),
    get("export-specification-yaml", VIEW, **SHEET, number="version_number"),
    post("export-specification-restore", EXPORT, **SHEET, number="version_number"),
    get("export-tables", VIEW, **OF),
    post("export-tables", EXPORT, {"name": "visit", "file": b"participant,age\n"}, **OF),
    get("export-table", VIEW, **OF, pk="table"),
    post("export-table", SEE_IDENTIFIED, **OF, pk="table"),
    post("export-table-delete", EXPORT, **OF, pk="table"),
]

REST = [
    get("api-specifications", ANYBODY),
    post("api-specifications", EXPORT, {**WANTED, "name": "New"}),
    post("api-specification-preview", EXPORT, WANTED),
    get("api-specification", VIEW, pk="sheet"),
    get("api-specification-versions", VIEW, pk="sheet"),
    post("api-specification-versions", EXPORT, {"preset": "nifti", "why": "better"}, pk="sheet"),
    get("api-specification-yaml", VIEW, pk="sheet", number="version_number"),
    post("api-specification-offer", EXPORT, pk="sheet", number="version_number"),
    door("api-specification-offer", DELETE, EXPORT, pk="sheet", number="version_number"),
    get("api-exports", ANYBODY),
    post("api-exports", EXPORT, WANTED),
    get("api-signing-key", ANYBODY),
    get("api-export", VIEW, pk="ready"),
    get("api-export-findings", VIEW, pk="held"),
    post("api-export-release", RESOLVE, REASON, pk="held"),
    post("api-export-confirm", RESOLVE, pk="held"),
    post("api-export-reject", RESOLVE, REASON, pk="held"),
    post("api-export-cancel", EXPORT, pk="moving"),
    get("api-export-download", EXPORT, pk="ready"),
    get("api-export-links", EXPORT, pk="ready"),
    post("api-export-links", EXPORT, {"expires_at": "2020-01-01T00:00:00Z"}, pk="ready"),
    post("api-export-link-revoke", EXPORT, pk="ready", link_pk="link"),
    post("api-export-link-code", EXPORT, pk="ready", link_pk="outside_link"),
    post("api-export-password", EXPORT, pk="ready"),
    get("api-export-deliveries", EXPORT, pk="ready"),
    post("api-export-deliveries", EXPORT, {"destination": "{package_place_name}"}, pk="ready"),
    post("api-export-delivery-cancel", EXPORT, pk="ready", delivery_pk="package_delivery"),
    get("api-export-holders", VIEW, pk="ready"),
    post("api-export-revoke", TAKE_BACK, pk="ready"),
]

DOORS: list[Door] = [*LINKS, *HANDING, *PACKAGES, *SPECIFICATIONS, *REST]
