"""The safe list against TCIA's knowledge base: no element that is to go there may stay here."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from deidentify.private_elements import is_safe
from tests.deidentify.samples import data_folder

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
# dcm2niix or quantification; texts and blocks among them are searched and overwritten, not trusted.
STAYING = {
    "GEMS_PETD_01": "AE B2 B3",
    "SIEMENS MR HEADER": "08 09 0A 0C 0D 0E 11 12 15 16 17 19 25 26",
    "SIEMENS MR SDI 02": "88 8A",
    "SIEMENS MR SDR 01": "01 02",
    "SIEMENS MR SDS 01": "19 5C",
    "GEMS_SERS_01": "1B",
    "GEMS_IMAG_01": "40",
    "SIEMENS CSA HEADER": "08 09 10 18 19 20",
    "GEMS_PARM_01": "2A 75 76 7C A3 B2 B3 B5 B6 B7 B8 BA",
    "Philips Imaging DD 001": "04 0B 1E",
    "Philips MR Imaging DD 001": "35 3A 80 81 9F",
    "Philips MR Imaging DD 004": "54 71",
    "Philips MR Imaging DD 005": "0E 0F",
    "TOSHIBA_MEC_MR3": "00 02",
}


def test_only_named_exceptions_stay_of_what_the_knowledge_base_deletes():
    listed = list(signatures())

    staying: dict[str, set[str]] = {}
    for group, creator, last, row in listed:
        if row["private_disposition"].strip() == "d" and is_safe(group, creator, last):
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
