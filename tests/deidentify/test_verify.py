"""The folder check: pairing, the table, the report and the exit status."""

import json

import pytest

from deidentify.verify import main
from tests.deidentify.leak_cases import ORIGINAL_UID, clean_dataset, source_dataset


@pytest.fixture
def folders(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    return source, target


def save(dataset, folder, name="1.dcm"):
    (folder / name).parent.mkdir(exist_ok=True)
    dataset.save_as(folder / name, enforce_file_format=True)


def deidentified():
    made = clean_dataset()
    del made.StationName
    return made


def test_a_clean_folder_exits_with_0(folders, capsys):
    source, target = folders
    save(source_dataset(), source)
    save(deidentified(), target)

    status = main([str(source), str(target)])

    assert status == 0
    assert "1 outputs checked, 0 with findings, 0 without their source." in capsys.readouterr().out


def test_a_leak_exits_with_1_and_names_the_element_but_not_the_value(folders, capsys, tmp_path):
    source, target = folders
    save(source_dataset(), source)
    leaking = deidentified()
    leaking.ImageComments = "for Bjornstad"
    save(leaking, target)
    report = tmp_path / "report.json"

    status = main([str(source), str(target), "--report", str(report)])

    printed = capsys.readouterr().out + report.read_text()
    assert status == 1
    assert "(0020,4000)" in printed
    assert "jornstad" not in printed.lower()
    assert json.loads(report.read_text())["with_findings"] == 1


def test_the_uid_map_pairs_outputs_whose_pixels_were_changed(folders, capsys, tmp_path):
    source, target = folders
    save(source_dataset(), source)
    changed = deidentified()
    changed.PixelData = bytes(64)
    save(changed, target)
    uid_map = tmp_path / "uids.csv"
    uid_map.write_text(f"id_old,id_new\n{ORIGINAL_UID},{changed.SOPInstanceUID}\n")

    status = main([str(source), str(target), "--uid-map", str(uid_map)])

    assert status == 1
    assert "pixels" in capsys.readouterr().out


def test_an_output_without_its_source_is_searched_and_said(folders, capsys):
    source, target = folders
    save(source_dataset(), source)
    stranger = deidentified()
    stranger.PixelData = bytes(64)
    stranger.ImageComments = "for Bjornstad"
    save(stranger, target)

    status = main([str(source), str(target)])

    printed = capsys.readouterr().out
    assert status == 1
    assert "1 without their source" in printed
    assert "(0020,4000)" in printed


def test_an_output_that_kept_the_identity_is_found(folders, capsys):
    source, target = folders
    save(source_dataset(), source)
    save(source_dataset(), target)

    status = main([str(source), str(target)])

    assert status == 1
    assert "(0010,0010)" in capsys.readouterr().out


def test_files_that_are_no_dicom_are_passed_over(folders):
    source, target = folders
    save(source_dataset(), source)
    save(deidentified(), target)
    (target / "README.txt").write_text("Bjornstad")

    assert main([str(source), str(target)]) == 0


@pytest.mark.parametrize("arguments", [[], ["only-one"], ["nowhere", "nowhere-else"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr() != ("", "")


def test_a_broken_uid_map_is_wrong_usage(folders, tmp_path, capsys):
    source, target = folders
    broken = tmp_path / "broken.csv"
    broken.write_text("old,new\n1,2\n")

    assert main([str(source), str(target), "--uid-map", str(broken)]) == 2
    assert "id_old" in capsys.readouterr().out
