"""Files that cannot be processed are refused in a sentence, and nothing is written."""

import struct
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import PATIENT_NAME, brain, identity, raw_file, save


def plan(profile="research", **kwargs):
    return compile_plan(profile, identity=identity(), **kwargs)


def element(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def item_bomb(depth):
    return b"".join(
        struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
        + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
        for _ in range(depth)
    )


BEFORE_PIXELS = struct.pack("<HH2s", 0x7FE0, 0x10, b"OW")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: b"", "not-dicom"),
        (lambda raw: b"hello" * 100, "not-dicom"),
        (lambda raw: raw[:131], "not-dicom"),
        (lambda raw: raw[:200], "truncated"),
        (lambda raw: raw[:-1], "truncated"),
        (lambda raw: raw[:-30], "truncated"),
        (lambda raw: raw.replace(b"1.2.3.4.1\0", b"1.2.9.4.1\0", 1), "disagreeing"),
        (lambda raw: raw.replace(b"1.2.3.4.2\0", b"1.2.x.4.2\0"), "bad-uid"),
        (lambda raw: raw.replace(b"1.2.3.4.3\0", b"\0" * 10), "missing-uid"),
        (
            lambda raw: raw.replace(
                BEFORE_PIXELS,
                struct.pack("<HH2sHL", 0x0070, 0x0001, b"SQ", 0, 0x7FFFFFF0) + BEFORE_PIXELS,
            ),
            "truncated",
        ),
        (lambda raw: raw.replace(BEFORE_PIXELS, item_bomb(300) + BEFORE_PIXELS), "too-deep"),
    ],
)
def test_bad_files_are_refused_in_a_sentence_and_nothing_is_written(tmp_path, change, code):
    source = raw_file(tmp_path, change)
    target = source.with_name("target.dcm")

    with pytest.raises(Refused) as refused:
        rewrite(source, target, plan())

    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
    assert "rnstad" not in refused.value.sentence
    assert [path.name for path in source.parent.iterdir()] == ["bad.dcm"]


def test_a_uid_counted_up_in_the_meta_alone_is_the_data_sets(tmp_path):
    source = raw_file(tmp_path, lambda raw: raw.replace(b"1.2.3.4.1\0", b"1.2.3.4.7\0", 1))
    made = plan()

    written = rewrite(source, tmp_path / "target.dcm", made)

    assert written.sop_instance_uid == made.new_uid("1.2.3.4.1")


def test_a_uid_over_64_characters_is_refused(tmp_path):
    uid = element(0x00081195, b"UI", b"1." + b"2" * 70)
    source = raw_file(tmp_path, lambda raw: raw.replace(PATIENT_NAME, uid + PATIENT_NAME))

    with pytest.raises(Refused) as refused:
        rewrite(source, tmp_path / "target.dcm", plan())

    assert refused.value.code == "bad-uid"
    assert "22222" not in refused.value.sentence


def test_a_dicomdir_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        rewrite(Path(get_testdata_file("DICOMDIR")), tmp_path / "target.dcm", plan())

    assert refused.value.code == "dicomdir"


def test_a_file_is_never_rewritten_over_itself(tmp_path):
    source = save(brain(), tmp_path / "source.dcm")

    with pytest.raises(Refused) as refused:
        rewrite(source, source, plan())

    assert refused.value.code == "same-file"
