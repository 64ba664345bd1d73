"""Types of attributes, against what PS3.3 says of some of them."""

import pytest

from deidentify.iod_types import type_of

CT, MR, DX = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.1.1"
GSPS, RTPLAN = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.481.5"
ENHANCED_MR, SR = "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.88.33"
CONTENT, SHARED, PER_FRAME = 0x0040A730, 0x52009229, 0x52009230


@pytest.mark.parametrize(
    ("sop_class", "path", "expected"),
    [
        (CT, (0x00100010,), "2"),
        (CT, (0x0020000D,), "1"),
        (CT, (0x00080020,), "2"),
        (CT, (0x00080021,), "3"),
        (CT, (0x00181000,), "3"),
        (CT, (0x00101010,), "3"),
        (DX, (0x0018700A,), "3"),
        (GSPS, (0x00700082,), "1"),
        (RTPLAN, (0x300A0006,), "2"),
        (RTPLAN, (0x300A0002,), "1"),
        (ENHANCED_MR, (0x0008002A,), "1C"),
        (ENHANCED_MR, (0x00181000,), "1"),
        # inside sequences, however deep
        (ENHANCED_MR, (PER_FRAME, 0x00209111, 0x00189074), "1C"),
        (ENHANCED_MR, (SHARED, 0x00189042, 0x00189045, 0x00189047), "1"),
        (SR, (CONTENT, 0x0040A168, 0x00080104), "1"),
        (SR, (CONTENT, CONTENT, CONTENT, CONTENT, 0x0040A168, 0x00080104), "1"),
        (SR, (0x0040A073, 0x0040A075), "1"),
        (MR, (0x00081140, 0x00081155), "1"),
    ],
)
def test_an_attribute_has_the_type_of_the_standard(sop_class, path, expected):
    assert type_of(sop_class, path) == expected


@pytest.mark.parametrize(
    "retired",
    [
        "1.2.840.10008.5.1.4.1.1.6",
        "1.2.840.10008.5.1.4.1.1.3",
        "1.2.840.10008.5.1.4.1.1.5",
        "1.2.840.10008.5.1.4.1.1.77.1",
        "1.2.840.10008.5.1.4.1.1.88.3",
    ],
)
def test_a_retired_class_is_judged_by_its_successor(retired):
    assert type_of(retired, (0x00100010,)) == "2"


def test_of_an_unknown_class_only_what_sequences_ask_for_is_known():
    assert type_of("1.2.3.4", (0x00100010,)) is None
    assert type_of("1.2.3.4", (0x00081140, 0x00081155)) == "1"


def test_what_no_module_names_may_be_missing():
    assert type_of(MR, (0x00104000,)) == "3"
    assert type_of(MR, (0x00290010,)) == "3"
