"""mmiv-2019: UIDs and digests as the existing installation writes them."""

import csv
import hashlib

import pytest
from pydicom import config, dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from deidentify import mmiv
from deidentify.command_line import main
from deidentify.elements import TABLES
from deidentify.errors import UnknownProfile
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import brain, identity, save

ROOT = "1.3.6.1.4.1.45037."
STUDY, SERIES = 0x0020000D, 0x0020000E


def uid(original, tag, era="era-2024"):
    return mmiv.new_uid(original.encode(), tag, "PROJ", era).decode()


@pytest.mark.parametrize(
    ("original", "tag", "era", "digits"),
    [
        ("1.2.3.4.5.67", STUDY, "era-2024", "226335921231143510083255064530929156271577514"),
        ("1.2.3.4.5.678", STUDY, "era-2024", "034476188734055629211551132000252067050159136"),
        ("1.2.3.4.5.678.1", SERIES, "era-2024", "200273164251262511920821311835819971691193063"),
        ("1.2.3.4.5.67", STUDY, "era-2021", "2c6d359cbcdb143fb008d25fa6e5d0929bf6c7bf7751e"),
    ],
)
def test_uids_equal_the_installations_vectors(original, tag, era, digits):
    assert uid(original, tag, era) == ROOT + digits


def test_the_first_era_has_no_root_and_the_third_no_padding():
    assert len(uid("1.2.3.4.5.67", STUDY, "era-2019")) == 64
    assert uid("1.2.3.4.5.678", STUDY, "era-2023") == uid("1.2.3.4.5.678", STUDY)
    assert uid("1.2.3.4.5.678", SERIES, "era-2023") != uid("1.2.3.4.5.678", SERIES)


def test_accession_number_and_study_id_equal_the_vectors():
    accession = mmiv.hashed(b"ACC1234 ", "PROJ", 0x00080050, "era-2024")
    study = mmiv.hashed(b"1.2.3.4.5.67", "PROJ", 0x00200010, "era-2024")

    assert accession == b"3148494085195970"
    assert study == b"2263359212311435"


def test_an_era_is_an_option_and_others_are_refused():
    plan = compile_plan("mmiv-2019", identity=identity(project="PROJ"), options=["era-2021"])

    assert plan.profile.era == "era-2021"
    assert compile_plan("mmiv-2019", identity=identity()).profile.era == "era-2024"
    assert plan.days == 42
    with pytest.raises(UnknownProfile):
        compile_plan("mmiv-2019", identity=identity(), options=["full-dates"])
    with pytest.raises(UnknownProfile):
        compile_plan("research", identity=identity(), options=["era-2021"])


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def digits(text):
    return sha(text).translate(str.maketrans("abcdef", "012345"))


def written(tmp_path, dataset, *, era="era-2024", **choices):
    source = save(dataset, tmp_path / "source.dcm", **choices)
    plan = compile_plan("mmiv-2019", identity=identity(project="PROJ"), options=[era])
    rewrite(source, tmp_path / "target.dcm", plan)
    return dcmread(tmp_path / "target.dcm")


ERAS = {
    "era-2019": lambda text: sha(text + "PROJ"),
    "era-2021": lambda text: (ROOT + sha(text + "PROJ"))[:63],
    "era-2023": lambda text: (ROOT + digits(text + "PROJ"))[:63],
    "era-2024-hex": lambda text: (ROOT + sha(text + "PROJ"))[:63],
    "era-2024": lambda text: (ROOT + digits(text + "PROJ"))[:63],
}


@pytest.mark.parametrize("era", ERAS)
def test_a_file_gets_the_uids_of_its_era_at_every_depth(tmp_path, era):
    dataset = brain(StudyInstanceUID="1.2.3.4.5.678", SOPInstanceUID="1.2.3.4.5.68")
    dataset.ReferencedSeriesSequence = [Dataset()]
    dataset.ReferencedSeriesSequence[0].ReferencedSOPInstanceUID = "1.2.3.4.5.68"
    dataset.SeriesInstanceUID = "1.2.3.4.5.678.1"

    with config.disable_value_validation():  # the installation's UIDs are not all valid
        new = written(tmp_path, dataset, era=era)
        found = [new.StudyInstanceUID, new.SeriesInstanceUID, new.SOPInstanceUID]
        referenced = new.ReferencedSeriesSequence[0].ReferencedSOPInstanceUID

    odd = "1.2.3.4.5.678.1" + ("\0" if era.startswith("era-2024") else "")
    assert found[0] == ERAS[era]("1.2.3.4.5.678"), "its padding is never hashed"
    assert found[1] == ERAS[era](odd)
    assert found[2] == ERAS[era]("1.2.3.4.5.68")
    assert referenced == found[2]


@pytest.mark.parametrize(
    ("era", "hasher"), [("era-2021", sha), ("era-2024-hex", sha), ("era-2024", digits)]
)
def test_a_file_gets_the_digests_of_its_era(tmp_path, era, hasher):
    dataset = brain(AccessionNumber="ACC1234", StudyInstanceUID="1.2.3.4.5.67")
    dataset.RequestAttributesSequence = [Dataset()]
    dataset.ReferencedRequestSequence = [Dataset()]
    dataset.ReferencedRequestSequence[0].AccessionNumber = "ACC1234"

    new = written(tmp_path, dataset, era=era)

    assert new.AccessionNumber == hasher("ACC1234 ")[:16]
    assert new.ReferencedRequestSequence[0].AccessionNumber == new.AccessionNumber
    assert new.StudyID == hasher("1.2.3.4.5.67PROJ")[:16]


def test_all_that_pads_an_accession_number_is_hashed_with_it(tmp_path):
    dataset = brain(AccessionNumber="ACC12   ")

    assert written(tmp_path, dataset).AccessionNumber == digits("ACC12   ")[:16]


def test_digests_are_not_cut_in_files_with_implicit_vr(tmp_path):
    dataset = brain(AccessionNumber="ACC1234", StudyInstanceUID="1.2.3.4.5.67")

    with config.disable_value_validation():
        new = written(tmp_path, dataset, syntax=ImplicitVRLittleEndian)
        found = [str(new.AccessionNumber), str(new.StudyID)]

    assert found == [digits("ACC1234 "), digits("1.2.3.4.5.67PROJ")]


def test_an_empty_accession_number_stays_empty(tmp_path):
    assert written(tmp_path, brain(AccessionNumber="")).AccessionNumber == ""


def test_a_uid_that_the_table_hashes_alone_has_no_root_and_no_project(tmp_path):
    dataset = brain(InstanceCreatorUID="1.2.3.4.5.6.77")

    assert written(tmp_path, dataset).InstanceCreatorUID == digits("1.2.3.4.5.6.77")


@pytest.mark.parametrize(
    ("old", "new"), [("HEAD", "HEAD"), ("HODE OLA", "BODYPART"), ("", "")], ids=["", "b", "c"]
)
def test_a_body_part_stays_if_dicom_defines_it(tmp_path, old, new):
    assert written(tmp_path, brain(BodyPartExamined=old)).BodyPartExamined == new


def test_what_the_installation_writes_is_written_and_no_code_is_claimed(tmp_path):
    new = written(tmp_path, brain())

    assert (new.PatientID, new.PatientName) == ("BICAM_01_0007", "BICAM_01_0007")
    assert (new.InstitutionName, new.ClinicalTrialProtocolID) == ("PROJ", "PROJ")
    assert new.ClinicalTrialTimePointID == "baseline"
    assert new.ReferringPhysicianName == "EventName:baseline"
    assert new.DeidentificationMethod == "{Per DICOM PS 3.15 AnnexE}"
    assert new.StudyDate == "20240423", "42 days later"
    assert "DeidentificationMethodCodeSequence" not in new


def test_what_never_stays_does_not_stay_here_either(tmp_path):
    dataset = brain()
    dataset.add_new(0x00290010, "LO", "SOMEBODY")
    dataset.add_new(0x00291010, "DS", "1")
    source = save(dataset, tmp_path / "source.dcm")
    length = b"\x29\0\0\0UL\x04\0\x40\0\0\0"
    creator = b"\x29\0\x10\0LO"
    source.write_bytes(source.read_bytes().replace(creator, length + creator))
    plan = compile_plan("mmiv-2019", identity=identity())

    rewrite(source, tmp_path / "target.dcm", plan)

    assert length not in (tmp_path / "target.dcm").read_bytes()
    assert dcmread(tmp_path / "target.dcm")[0x00291010].value == 1


def test_its_known_holes_are_said_when_it_is_chosen(tmp_path, capsys):
    save(brain(), tmp_path / "source.dcm")

    main([str(tmp_path / "source.dcm"), "--explain", "--profile", "mmiv-2019"])

    said = capsys.readouterr().err
    assert all(hole in said for hole in mmiv.HOLES)
    assert "unkeyed" in said


def test_every_listed_difference_names_all_three():
    with (TABLES / "mmiv_differences.csv").open(newline="") as file:
        next(file)
        rows = list(csv.DictReader(file))

    assert len(rows) > 20
    assert all(row["table"] and row["later"] and row["here"] for row in rows)
