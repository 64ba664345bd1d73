"""What a report counts, and that it does not call held what is not."""

import pytest
from pydicom import dcmread

from rdma.selftest.planting import corpus
from rdma.selftest.planting.carriers import BUILDERS
from rdma.selftest.report import Report, report_on
from rdma.selftest.scoring import Came, judge

KINDS = ("ct-ge-small", "mr-siemens-built", "sr-basic-text", "encapsulated-pdf", "us-jpeg2000")


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """A file of each of some kinds, planted and not de-identified."""
    folder = tmp_path_factory.mktemp("planted")
    builders = {kind: BUILDERS[kind] for kind in KINDS}
    return corpus.make(folder, seed=9, subjects=1, builders=builders)


def report(sheets, came, written_down=None) -> Report:
    verdicts = judge(sheets, {sheet.name: came(sheet) for sheet in sheets})
    return report_on(verdicts, written_down or {}, seed=9, subjects=1)


def bars(told: Report) -> dict[str, bool]:
    return {bar.title: bar.is_held for bar in told.bars}


def test_what_was_not_deidentified_is_leaked_in_every_cell(sheets):
    told = report(sheets, lambda sheet: Came(sheet.path))

    assert {row.cell for row in told.rows if row.leaked} >= set("ABCDEFHIJK")
    assert told.total.leaked > 0.9 * sum(row.planted for row in told.rows if row.cell != "J")
    assert not bars(told)["Leaks"]
    assert not bars(told)["Required actions done"]
    assert all(line.partition(" × ")[2].startswith("left: ") for line in told.shown)


def test_nothing_that_was_planted_is_told(sheets):
    told = report(
        sheets,
        lambda sheet: Came(sheet.path),
        {"a log": b"".join(sheet.path.read_bytes() for sheet in sheets)},
    )

    person = sheets[0].person
    said = str(told.as_data())
    assert not any(one in said for one in (person.family, person.fnr, person.mrn, person.street))


def test_what_is_held_leaks_not_and_proves_nothing(sheets):
    told = report(sheets, lambda sheet: Came(sheet.path, is_held=True))

    assert told.total.leaked == 0
    assert told.total.to_keep == 0
    assert told.total.held_to_keep == sum(len(sheet.keeps) for sheet in sheets)
    assert told.apart == {
        "held by a check, and something was left": 4,
        "whole documents, held on purpose": 1,
    }
    assert not told.is_held
    assert not bars(told)["Leaks"], "nothing was searched that leaves"
    assert bars(told)["Held without need"], "every one of them was held for something"


def test_holding_what_is_clean_is_no_success(sheets, tmp_path):
    empty = tmp_path / "empty.dcm"
    bare = dcmread(sheets[0].path, specific_tags=["SOPClassUID"], stop_before_pixels=True)
    bare.preamble = bytes(128)
    for keyword in ("SourceApplicationEntityTitle", "SendingApplicationEntityTitle"):
        del bare.file_meta[keyword]
    bare.file_meta.ImplementationVersionName = "TEST"
    bare.save_as(empty)

    told = report(sheets, lambda _: Came(empty, is_held=True))

    assert told.apart["held by a check, though the search found nothing left"] == 4
    assert not bars(told)["Held without need"]


def test_a_picture_that_waits_is_searched_as_if_it_left(sheets):
    told = report(sheets, lambda sheet: Came(sheet.path, waits=True))

    assert told.total.leaked > 0
    assert told.total.held == 0


def test_an_identity_in_logs_or_rows_is_a_leak_around_the_data(sheets):
    fnr = sheets[0].person.fnr.encode()

    clean = report(sheets, lambda _: Came(None), {"a log": b"nothing of anybody"})
    told = report(sheets, lambda _: Came(None), {"a log": b"a line about " + fnr})

    assert clean.total.leaked == 0
    assert [(row.cell, row.leaked) for row in told.rows if row.leaked] == [("J", 1)]
    assert told.shown[0] == "left: the identity number in a log"
