"""The safe list against Table E.3.10-1 and TCIA's knowledge base."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from deidentify.private_elements import is_safe, true_vr
from tests.deidentify.samples import data_folder
from tests.deidentify.table_e3_10_1 import ROWS

SIGNATURE = re.compile(r'^\(([0-9a-fA-F]{4}),"?"?([^"]+)"?"?,([0-9a-fA-F]{2})\)$')


def knowledge_base() -> Path:
    return data_folder().parent / "standard" / "tcia_private_tag_kb_2024-02.csv"


def signatures() -> Iterator[tuple[int, str, int, dict[str, str]]]:
    with knowledge_base().open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found = SIGNATURE.match(row["element_sig_pattern"])
            if found:
                yield int(found[1], 16), found[2], int(found[3], 16), row


# The base deletes what it has no name for, and blocks it does not open. These are read by
# dcm2niix or quantification, or stand in Table E.3.10-1; texts and blocks among them are searched
# and overwritten, UIDs replaced, not trusted.
STAYING = {
    "GEMS_PETD_01": "97 9C AD",
    "SIEMENS MR HEADER": "08 09 0A 0C 0D 0E 11 12 15 16 17 19 25 26",
    "SIEMENS MR SDI 02": "88 8A",
    "SIEMENS MR SDR 01": "01 02",
    "SIEMENS MR SDS 01": "19 5C",
    "GEMS_SERS_01": "1B",
    "SIEMENS CSA HEADER": "08 09 10 18 19 20",
    "GEMS_PARM_01": "2A 75 76 7C A3 B2 B3 B7 B8 BA",
    "Philips Imaging DD 001": "67 DE",
    "Philips Imaging DD 002": "6B",
    "Philips Imaging DD 129": "00 01",
    "Philips MR Imaging DD 001": "35",
    "Philips MR Imaging DD 005": "0E 0F 52",
    "TOSHIBA_MEC_MR3": "00 02",
}
# Weights of patients, and what archives and viewers add, are no physics.
LEFT_OUT = {"SIEMENS CM VA0  CMS", "INTELERAD MEDICAL SYSTEMS", "SPI RELEASE 1"}
NUMBERS = {"DS", "IS", "FD", "FL", "US", "SS", "UL", "SL"}


def test_only_named_exceptions_stay_of_what_the_knowledge_base_deletes():
    listed = list(signatures())
    # It deletes some elements where they come as UN, and keeps them where their VR is told.
    kept = {
        (group, creator, last)
        for group, creator, last, row in listed
        if row["private_disposition"].strip() == "k" and row["vr"] not in ("UN", "OB")
    }

    staying: dict[str, set[str]] = {}
    for group, creator, last, row in listed:
        is_deleted = row["private_disposition"].strip() == "d"
        if is_deleted and is_safe(group, creator, last) and (group, creator, last) not in kept:
            staying.setdefault(creator, set()).add(f"{last:02X}")

    assert len(listed) > 5000
    assert staying == {creator: set(lasts.split()) for creator, lasts in STAYING.items()}


def test_what_the_knowledge_base_knows_as_names_and_numbers_of_people_is_not_safe():
    people = [
        (group, creator, last)
        for group, creator, last, row in signatures()
        if row["vr"] == "PN" or "Patient ID" in row["tag_name"]
    ]

    assert people
    assert not [one for one in people if is_safe(*one)]


def test_the_physics_that_the_knowledge_base_keeps_stays():
    physics = {
        (group, creator, last)
        for group, creator, last, row in signatures()
        if row["private_disposition"].strip() == "k"
        and row["vr"] in NUMBERS
        and "[" not in row["element_sig_pattern"]
    }

    missing = {creator for group, creator, last in physics if not is_safe(group, creator, last)}

    assert len(physics) > 1000
    assert missing <= LEFT_OUT


def test_the_list_tells_the_vr_that_the_knowledge_base_tells():
    told: dict[tuple[int, str, int], set[str]] = {}
    for group, creator, last, row in signatures():
        told.setdefault((group, creator, last), set()).add(row["vr"])

    wrong = [
        key
        for key, vrs in told.items()
        if is_safe(*key) and true_vr(*key) not in vrs | {"UN"} and vrs & {"UI", "DA", "DT", "SQ"}
    ]

    assert wrong == []
    assert true_vr(0x0019, "SIEMENS MR HEADER", 0x0C) == "IS"


def test_what_the_standard_calls_safe_stays_but_for_blocks_that_nobody_can_read():
    for (group, creator), by_vr in ROWS.items():
        for vr, lasts in by_vr.items():
            for last in last_bytes(lasts):
                assert is_safe(group, creator, last) is (vr not in ("OB", "OW"))
                if vr in ("CS", "DS", "IS", "LO", "LT", "SH", "SQ", "ST", "UI"):
                    assert true_vr(group, creator, last) == vr


def last_bytes(text: str) -> Iterator[int]:
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)
