"""Thousands of identifiers planted in files of forty kinds: none is left, the rest stays."""

from collections.abc import Sequence

import pytest

from rdma.selftest import scoring
from rdma.selftest.planting import corpus
from rdma.selftest.scoring import Came, Verdict
from tests.deidentify.planted import table, validity
from tests.deidentify.planted.door import through
from tests.deidentify.planted.real import ALL

LEAST_KEPT = 0.97
CONVERTED = ("mr-siemens-mosaic", "mr-siemens-tse", "mr-ge", "mr-philips-enhanced",
             "mr-siemens-xa", "ct-ge")  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> list[Verdict]:
    """One patient, a file of every kind, through the command line and without its leak check."""
    folder = tmp_path_factory.mktemp("planted")
    sheets = corpus.make(folder / "in", seed=20260701, subjects=1, builders=ALL)
    found = scoring.judge(sheets, through(folder, sheets))
    for verdict in found:
        validity.compare_errors(verdict)
    return found


def said(verdicts: Sequence[Verdict]) -> str:
    return "\n".join(table.details(verdicts))


def test_the_corpus_is_as_large_as_it_says(verdicts):
    sums = table.totals(verdicts)

    assert sums["kinds"] >= 40
    assert sums["planted"] >= 2_500
    assert sums["to keep"] >= 2_000


def test_nothing_planted_is_left_in_any_byte(verdicts):
    leaks = [plant for verdict in verdicts for plant in verdict.leaks]

    assert leaks == [], said(verdicts)


def test_what_is_no_identifier_stays(verdicts):
    sums = table.totals(verdicts)

    assert sums["kept"] / sums["to keep"] >= LEAST_KEPT, said(verdicts)


def test_every_file_is_written_and_reads_again(verdicts):
    sums = table.totals(verdicts)

    assert (sums["refused"], sums["unread"]) == (0, 0), said(verdicts)


def test_no_reference_breaks(verdicts):
    assert [way for verdict in verdicts for way in verdict.broken] == []


def test_dciodvfy_finds_no_error_that_was_not_there(verdicts):
    assert [line for verdict in verdicts for line in verdict.new_errors] == [], said(verdicts)


def test_dcm2niix_makes_the_same_images(verdicts, tmp_path):
    chosen = [v for v in verdicts if v.sheet.kind in CONVERTED and v.output is not None]

    images = {
        v.sheet.kind: [
            validity.nifti(path, tmp_path / v.sheet.kind / name)
            for name, path in (("before", v.sheet.path), ("after", v.output))
        ]
        for v in chosen
    }

    assert set(images) == set(CONVERTED)
    assert [kind for kind, (before, _) in images.items() if not before] == []
    assert [kind for kind, (before, after) in images.items() if before != after] == []


def test_what_was_planted_is_found_where_nothing_is_done(tmp_path):
    kinds = ("ct-ge-small", "sc-jpeg", "sr-basic-text", "mr-siemens-tse")
    sheets = corpus.make(
        tmp_path / "in", seed=5, subjects=1, builders={kind: ALL[kind] for kind in kinds}
    )
    copies = {}
    for sheet in sheets:
        copy = tmp_path / f"{len(copies)}.dcm"
        copy.write_bytes(sheet.path.read_bytes())
        copies[sheet.name] = Came(copy)

    sums = table.totals(scoring.judge(sheets, copies))

    assert sums["leaked"] >= 0.9 * sums["planted"]
    assert sums["broken"] == 0


def test_what_is_no_image_ends_no_run(tmp_path):
    builders = {kind: ALL[kind] for kind in ("ct-ge-small", "mr-rle")}
    sheets = corpus.make(tmp_path / "in", seed=3, subjects=1, builders=builders)
    whole = sheets[0].path.read_bytes()
    bad = {
        "empty.dcm": b"",
        "letter.txt": b"Kjaere kollega",
        "half.dcm": whole[: len(whole) // 2],
        "meta only.dcm": whole[:400],
        "noise.dcm": whole[:132] + bytes(range(256)) * 20,
    }
    for name, content in bad.items():
        (tmp_path / "in" / name).write_bytes(content)

    outcomes = through(tmp_path, sheets, others=len(bad))

    assert {name for name, came in outcomes.items() if came.output is None} == set(bad)
    assert all(came.reason for came in outcomes.values() if came.output is None)
    assert table.totals(scoring.judge(sheets, outcomes))["leaked"] == 0


@pytest.mark.slow
def test_eight_thousand_plants_leave_nothing_and_few_clean_files_are_held(tmp_path):
    sheets = corpus.make(tmp_path / "in", seed=4711, subjects=6, builders=ALL)

    plain = scoring.judge(sheets, through(tmp_path, sheets))
    verified = scoring.judge(sheets, through(tmp_path, sheets, verify=True, target="verified"))

    sums = table.totals(plain)
    assert sums["planted"] >= 8_205
    assert sums["leaked"] == 0, said(plain)
    assert sums["kept"] / sums["to keep"] >= LEAST_KEPT, said(plain)
    assert sums["broken"] == 0
    assert table.totals(verified)["refused"] <= len(sheets) / 200, said(verified)
