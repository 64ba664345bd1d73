"""`manage.py selftest` from the corpus to the page, over real processes."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.models import AuditEvent
from rdma.models import SelfTest
from rdma.selftest.exporting import EXPORTED, PLANTED
from rdma.selftest.report import CELLS
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def run(**options) -> tuple[str, str, CommandError | None]:
    out, err = StringIO(), StringIO()
    try:
        call_command("selftest", stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), error
    return out.getvalue(), err.getvalue(), None


def test_a_small_self_test_finds_nothing_left_and_is_kept_for_the_portal(client):
    table, progress, error = run(seed=5, subjects=2, kinds_each=7)

    kept = SelfTest.objects.get()
    total = kept.report["total"]
    assert (total["leaked"], total["errors"], total["broken"]) == (0, 0, 0), table
    assert total["planted"] > 1_000
    assert total["lost"] <= 0.01 * total["to_keep"], table
    assert total["done"] >= 0.999 * total["actions"], table
    assert sum(kept.report["apart"].values()) < kept.report["files"], "something is delivered"
    assert "files in quarantine" in progress
    ends = {one["title"]: one["end"] for one in kept.report["packages"]}
    assert ends.pop(PLANTED) == "held at the door", table
    assert set(ends) == set(EXPORTED)
    assert set(ends.values()) == {"let through"}, table
    assert error is not None, "so few identifiers prove too little"
    assert (str(error), error.returncode) == ("Not held: leaks.", 1)
    assert list((Path(settings.RDMA_DATA_DIR) / "scratch").iterdir()) == []
    assert AuditEvent.objects.about(kept).get().verb == "self_tested"

    client.force_login(UserFactory(auditor=True))
    page = client.get("/selftest/").content.decode()

    assert "The last self test fell short: leaks." in page
    assert f"{total['planted']:,}" in page
    assert "The program has changed" not in page


def test_what_cannot_be_meant_is_refused_before_anything_is_done(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")

    refused = [run(subjects=0), run(kinds_each=0), run(keep=tmp_path)]

    assert [error.returncode for _, _, error in refused if error] == [2, 2, 2]
    assert not SelfTest.objects.exists()


def test_the_page_says_when_there_is_nothing_and_when_the_program_is_another(client):
    client.force_login(UserFactory())

    nothing = client.get("/selftest/").content.decode()
    now = timezone.now()
    row = dict.fromkeys(("planted", "leaked", "held", "to_keep", "lost", "held_to_keep"), 0)
    row |= dict.fromkeys(("errors", "broken", "actions", "done"), 0)
    row |= {"cell": "A", "title": CELLS["A"]}
    SelfTest.objects.create(
        started_at=now, ended_at=now, seed=1, subjects=40, is_held=True,
        program_version="rDMA deidentify 0.0", program_digest="0" * 16,
        report={"rows": [row], "total": row | {"planted": 36_554}, "bars": [], "apart": {},
                "shown": [], "files": 400, "kinds": 45},
    )  # fmt: skip
    older = client.get("/selftest/").content.decode()

    assert "This installation has not tested itself yet." in nothing
    assert "Nothing was left of 36,554 identifiers" in older
    assert "The program has changed since this test." in older
