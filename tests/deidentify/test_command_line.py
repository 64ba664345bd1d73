"""python -m deidentify: folders, identities, reports, exit status."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import dcmread

from deidentify.command_line import main
from tests.deidentify.samples import brain, data_folder, save

ONE = ["--project", "BICAM", "--pseudonym", "BICAM_001"]


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(bytes(range(64)))
    return path


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in" / "Bjørnstad Åse"
    folder.mkdir(parents=True)
    for number in range(1, 4):
        save(
            brain(SOPInstanceUID=f"1.2.3.4.1{number}", InstanceNumber=number),
            folder / f"Bjørnstad {number}.dcm",
        )
    return tmp_path / "in"


def outputs(target):
    return sorted(target.rglob("*.dcm"))


def test_a_folder_is_written_verified_and_accounted_for(tmp_path, source, key, capsys):
    (source / "notes.txt").write_text("no image")
    report = tmp_path / "r.json"

    status = main(
        [str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key), "--report", str(report)]
    )

    data = json.loads(report.read_text())
    assert status == 1, "a file that is no DICOM is a reason to look"
    assert data["counts"] == {"written": 3, "held": 0, "rejected": 1, "duplicate": 0}
    assert len(data["files"]) == 4
    assert data["plan"]["profile"] == "research"
    assert "not a DICOM file" in capsys.readouterr().out
    assert len(outputs(tmp_path / "out")) == 3


def test_names_of_output_files_hold_nothing_of_the_source(tmp_path, source, key):
    assert main([str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key)]) == 0

    names = [str(path.relative_to(tmp_path / "out")) for path in outputs(tmp_path / "out")]
    assert all(name.startswith("BICAM_001/") for name in names)
    assert not any("rnstad" in name or "1.2.3.4" in name for name in names)


def test_two_runs_with_one_key_give_the_same_bytes_also_with_two_processes(tmp_path, source, key):
    for folder, jobs in (("a", "1"), ("b", "2")):
        argv = [str(source), str(tmp_path / folder), *ONE, "--key-file", str(key), "--jobs", jobs]
        assert main(argv) == 0

    def contents(folder):
        return {
            str(path.relative_to(tmp_path / folder)): path.read_bytes()
            for path in outputs(tmp_path / folder)
        }

    assert contents("a") == contents("b")
    assert main([str(source), str(tmp_path / "c"), *ONE]) == 0
    assert set(contents("c")).isdisjoint(contents("a")), "without a key nothing links two runs"


def test_identities_name_each_patient_and_others_are_refused(tmp_path, source, key):
    save(brain(PatientID="27824327454", SOPInstanceUID="1.2.3.5"), source / "other.dcm")
    save(brain(PatientID="19864602986", SOPInstanceUID="1.2.3.6"), source / "unknown.dcm")
    identities = tmp_path / "ids.csv"
    identities.write_text(
        "patient_id,pseudonym,date_shift\n13836033390,BICAM_001,-40\n27824327454,BICAM_002,none\n"
    )
    report, uids, patients = (tmp_path / name for name in ("r.json", "uids.csv", "patients.csv"))

    status = main(
        [str(source), str(tmp_path / "out"), "--project", "BICAM", "--identities", str(identities),
         "--key-file", str(key), "--report", str(report), "--uid-map", str(uids),
         "--patient-map", str(patients)]
    )  # fmt: skip

    assert status == 1
    assert {path.parts[-4] for path in outputs(tmp_path / "out")} == {"BICAM_001", "BICAM_002"}
    reasons = [f["code"] for f in json.loads(report.read_text())["files"] if "code" in f]
    assert reasons == ["unknown-patient"]
    dates = {dcmread(p).PatientID: dcmread(p).StudyDate for p in outputs(tmp_path / "out")}
    assert dates == {"BICAM_001": "20240201", "BICAM_002": "20240312"}
    pairs = {row["id_old"]: row["id_new"] for row in csv.DictReader(uids.read_text().splitlines())}
    assert pairs["1.2.3.5"].startswith("2.25.")
    assert {row["id_new"] for row in csv.DictReader(patients.read_text().splitlines())} == {
        "BICAM_001",
        "BICAM_002",
    }


def test_one_pseudonym_for_several_patients_is_said_and_mapped(tmp_path, source, key, capsys):
    save(brain(PatientID="27824327454", SOPInstanceUID="1.2.3.5"), source / "other.dcm")
    patients = tmp_path / "patients.csv"

    argv = [str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key)]
    main([*argv, "--patient-map", str(patients)])

    assert "2 patients became one participant" in capsys.readouterr().out
    rows = list(csv.DictReader(patients.read_text().splitlines()))
    assert [(row["id_old"], row["id_new"]) for row in rows] == [
        ("13836033390", "BICAM_001"),
        ("27824327454", "BICAM_001"),
    ]


def test_instances_that_share_a_uid_but_differ_all_survive(tmp_path, source, key, capsys):
    save(brain(SOPInstanceUID="1.2.3.4.11", PixelData=bytes(32)), source / "twin.dcm")
    (source / "copy.dcm").write_bytes((source / "twin.dcm").read_bytes())

    status = main([str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key)])

    assert status == 0
    assert "4 written, 0 held, 0 rejected, 1 duplicate" in capsys.readouterr().out
    assert len({dcmread(path).SOPInstanceUID for path in outputs(tmp_path / "out")}) == 4


def test_the_twelve_bit_set_survives_apart_and_flagged(tmp_path, key, capsys):
    folder = data_folder() / "dcm_qa_12bit" / "In"

    assert main([str(folder), str(tmp_path / "out"), *ONE, "--key-file", str(key)]) == 0

    assert len(outputs(tmp_path / "out")) == 3
    assert "3 × kept apart" in capsys.readouterr().out


def test_what_the_leak_check_finds_is_held_and_not_written(tmp_path, key):
    folder = tmp_path / "in"
    folder.mkdir()
    # A description that the project's rule keeps as it is, with the name in it.
    save(brain(StudyDescription="Bjørnstad hjerne"), folder / "1.dcm")
    rules = tmp_path / "rules.csv"
    rules.write_text('element,action,value\n"(0008,1030)",keep,\n')
    report = tmp_path / "r.json"

    status = main(
        [str(folder), str(tmp_path / "out"), *ONE, "--key-file", str(key), "--rules", str(rules),
         "--report", str(report)]
    )  # fmt: skip

    held = json.loads(report.read_text())["files"][0]
    assert status == 1
    assert held["outcome"] == "held"
    assert any("(0008,1030)" in finding["path"] for finding in held["findings"])
    assert "rnstad" not in report.read_text()
    assert not list((tmp_path / "out").rglob("*"))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--profile", "dcm4chee"], "dcm4chee"),
        (["--profile", "deidentify:RetainUIDsOption"], "dcm4chee"),
        (["--profile", "site.yaml"], "Flywheel"),
        (["--profile", "ctp.script"], "CTP"),
        (["--profile", "nothing"], "no profile"),
        (["--option", "nothing"], "no option"),
        (["--option", "clean-pixel-data"], "clean-pixel-data"),
        (["--date-shift", "soon"], "date shift"),
        (["--jobs", "0"], "job"),
        (["--key-file", "/nonexistent"], "No such file"),
    ],
)
def test_usage_errors_end_with_2_and_a_sentence(tmp_path, source, more, word, capsys):
    assert main([str(source), str(tmp_path / "out"), *ONE, *more]) == 2

    assert word in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_missing_arguments_end_with_2(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_explain_names_a_reason_for_every_element_and_no_value(tmp_path, source, capsys):
    status = main([str(source), str(tmp_path / "out"), *ONE, "--explain"])

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("(")]
    assert status == 0
    assert len(lines) > 60
    assert all(len(line.split("\t")) == 7 and line.split("\t")[6] for line in lines)
    assert not any("rnstad" in line or "13836033390" in line for line in lines)
    assert not (tmp_path / "out").exists()


def test_explain_needs_neither_target_nor_identity_and_shows_values_when_asked(source, capsys):
    assert main([str(source), "--explain", "--show-values"]) == 0

    assert "Bjørnstad^Åse Marie" in capsys.readouterr().out
    assert main([str(source), "--what-if", "--show-values"]) == 2
    assert "--explain alone" in capsys.readouterr().err


def test_explain_tells_of_a_refused_file_what_can_be_read_and_why_it_is_refused(tmp_path, capsys):
    broken = save(brain(), tmp_path / "broken.dcm")
    broken.write_bytes(broken.read_bytes()[:-7])
    (tmp_path / "notes.txt").write_text("no image")

    assert main([str(tmp_path), "--explain"]) == 1

    said = capsys.readouterr()
    assert "# refused, nothing would be written: The file ends in the middle" in said.out
    assert "(0010,0010)\tPatientName" in said.out
    assert "refused: notes.txt: The file is not a DICOM file." in said.err


def test_what_if_counts_without_writing(tmp_path, source, capsys):
    assert main([str(source), str(tmp_path / "out"), *ONE, "--what-if"]) == 0

    out = capsys.readouterr().out
    assert "3 instances would be written" in out
    assert "3\t(0010,0010)\tPatientName\tPN\tW written\twritten" in out
    assert not (tmp_path / "out").exists()


def test_what_if_goes_by_each_patients_own_row(tmp_path, source, capsys):
    save(brain(PatientID="19864602986", SOPInstanceUID="1.2.3.6"), source / "unknown.dcm")
    identities = tmp_path / "ids.csv"
    identities.write_text("patient_id,pseudonym\n13836033390,BICAM_001\n")

    argv = [str(source), "--what-if", "--project", "BICAM", "--identities", str(identities)]
    status = main(argv)

    said = capsys.readouterr()
    assert status == 1
    assert "3 instances would be written, 1 files refused." in said.out
    assert "no row for this file's Patient ID" in said.err


def test_a_reader_who_stops_early_ends_the_program_without_a_traceback(source):
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run(
        [sys.executable, "-m", "deidentify", str(source), "--explain"],
        stdout=write, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip

    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 141


@pytest.mark.parametrize("inside", ["", "out"])
def test_a_target_in_the_source_is_refused(source, inside, capsys):
    assert main([str(source), str(source / inside), *ONE]) == 2

    assert "target lies in the source" in capsys.readouterr().err
    assert not (source / "out").exists()


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_done(
    tmp_path, source, capsys
):
    report = tmp_path / "nowhere" / "r.json"

    assert main([str(source), str(tmp_path / "out"), *ONE, "--report", str(report)]) == 2

    assert "is not there" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_starting_up_takes_well_under_half_a_second_of_work_and_no_pydicom():
    code = "import deidentify.folder, sys; sys.exit(bool({'pydicom', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=False)
    before = os.times()

    subprocess.run([sys.executable, "-m", "deidentify", "--help"], check=True, capture_output=True)

    after = os.times()
    work = after.children_user + after.children_system
    assert done.returncode == 0
    assert work - before.children_user - before.children_system < 0.5


def test_everything_below_the_source_is_accounted_for(tmp_path, source, key, capsys):
    (source / "empty.dcm").touch()
    (source / "link.dcm").symlink_to(source / "empty.dcm")
    os.mkfifo(source / "pipe")
    odd = source / os.fsdecode(b"odd \xff.dcm")
    save(brain(SOPInstanceUID="1.2.3.4.99"), tmp_path / "odd")
    (tmp_path / "odd").rename(odd)
    directory = brain(SOPClassUID="1.2.840.10008.1.3.10")
    save(directory, source / "DICOMDIR")
    report = tmp_path / "r.json"

    argv = [str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key)]
    status = main([*argv, "--report", str(report)])

    data = json.loads(report.read_text())
    codes = {Path(file["source"]).name: file.get("code", "written") for file in data["files"]}
    assert status == 1
    assert len(data["files"]) == 8 == sum(data["counts"].values())
    assert codes["DICOMDIR"] == "dicomdir"
    assert (codes["link.dcm"], codes["pipe"]) == ("not-regular", "not-regular")
    assert codes["empty.dcm"] == "not-dicom"
    assert codes[odd.name] == "written"
    assert len(outputs(tmp_path / "out")) == 4


def test_what_else_lies_in_the_target_stays(tmp_path, source, key):
    (tmp_path / "out" / "older" / "empty").mkdir(parents=True)
    (tmp_path / "out" / "notes.txt").write_text("mine")

    assert main([str(source), str(tmp_path / "out"), *ONE, "--key-file", str(key)]) == 0

    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "older" / "empty").is_dir()
