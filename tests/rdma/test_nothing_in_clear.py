"""What was planted in a study is looked for everywhere that the house keeps anything."""

import zlib
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from kombu.transport.memory import Channel

from review.indexing import note_changes
from review.models import ResearchStudy, Value
from review.tasks import index_study
from tests.datasets import make_mr_series, make_us_series, new_uid
from tests.transfers.arrange import every_image, make_desk, quarantine, request, run_to_the_end
from transfers.actions import release

PLANTED = {
    "patient_name": "Oppdiktet^Ragnhild Sofie",
    "patient_id": "MRN-88417-X",
    "PatientBirthDate": "19481103",
    "AccessionNumber": "ACC-55173-Y",
    "ReferringPhysicianName": "Tenkt^Torleif",
    "StudyDescription": "MR of Ragnhild",
    "OtherPatientIDs": "03814812345",
    "study_instance_uid": "1.2.826.0.1.3680043.8.498.5517399",
    "series_instance_uid": "1.2.826.0.1.3680043.8.498.5517388",
}
NEEDLES = [
    *("ragnhild", "torleif", "88417", "19481103", "55173", "03814812345", "5517399", "5517388"),
]


@pytest.mark.django_db
def test_nothing_that_was_planted_lies_in_clear_in_tables_messages_files_or_logs(
    tmp_path, client, caplog, settings
):
    desk, files = make_desk(), tmp_path / "in"
    make_mr_series(files / "mr", n=2, **PLANTED)
    make_us_series(files / "us", n=1, **PLANTED | {"series_instance_uid": new_uid()})
    (study,) = quarantine(files, desk.kari)
    client.force_login(desk.office)
    found = client.post(reverse("assign-look-up"), {"text": PLANTED["AccessionNumber"]})
    transfer = request(desk, study)
    run = run_to_the_end(transfer)
    client.force_login(desk.kari)
    for page in ("assign", "held", "transfer-list"):
        assert client.get(reverse(page)).status_code == 200
    release(by=desk.kari, run=run, outcomes=every_image(run), reason="Looked at.")
    run_to_the_end(transfer)
    note_changes()
    for pk in ResearchStudy.objects.values_list("pk", flat=True):
        index_study(pk)
    call_command("audit", "seal", stdout=StringIO())
    client.logout()
    client.post(reverse("sign-in"), {"username": "Ragnhild", "password": "MRN-88417-X"})

    tables = {f"table {name}": rows_of(name) for name in connection.introspection.table_names()}
    bells = {"messages": repr(Channel.queues and [list(q.queue) for q in Channel.queues.values()])}
    kept = {f"file {path}": path.read_bytes() for path in kept_files(Path(settings.RDMA_DATA_DIR))}
    in_clear = {
        (place, needle)
        for place, what in (tables | bells | kept | {"log": caplog.text}).items()
        for needle in NEEDLES
        for said in spellings(what)
        if needle in said
    }

    originals = "".join(path.read_bytes().decode("latin-1") for path in files.rglob("*.dcm"))
    assert [one for one in NEEDLES if one not in originals.casefold()] == []
    assert len(tables) > 60
    assert "Looked at." in tables["table transfers_finding"] + tables["table transfers_outcome"]
    assert found.status_code == 302  # to the study that was found
    assert Value.objects.exists()
    assert in_clear == set()


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return "\n".join(" ".join(map(cell, row)) for row in cursor.fetchall())


def cell(value):
    """Return a value as text, what is packed or encoded opened as far as anybody could."""
    if isinstance(value, memoryview | bytes):
        inside = bytes(value)
        with suppress(zlib.error):
            inside = zlib.decompress(inside)
        return inside.decode("utf-8", "replace") + inside.decode("latin-1")
    text = str(value)
    if ":" in text and len(text) > 40:
        with suppress(Exception):
            text += str(signing.loads(text, salt="django.contrib.sessions.SessionStore"))
    return text


def spellings(what):
    """Return what lies somewhere as one may search it, whatever its case."""
    if isinstance(what, bytes):
        what = what.decode("latin-1")
    return (what.casefold(),)


def kept_files(folder):
    """Return the files that the house keeps; the originals in quarantine are what they are."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not {"quarantine", "incoming"} & set(path.parts)
    ]
