import gzip
import io
import random
import tarfile
import tracemalloc
from pathlib import Path
from zipfile import ZipFile

import nibabel
import pytest

from deidentify.beyond import Allowance
from deidentify.beyond.zip_directory import entries, find_directory
from tests.deidentify.beyond_files import (
    gzip_of,
    items,
    jpeg_with,
    make_nifti,
    make_zip,
    png_with,
    sidecar,
    values,
)


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_niftis_header_and_extensions_say_what_nibabel_wrote(
    tmp_path: Path, kind: type, ending: str
):
    path = make_nifti(
        tmp_path / f"brain{ending}",
        kind=kind,
        descrip="scan of Ola Testmann",
        comment="ordered by dr. Fleksnes",
        PatientName="Testmann^Ola",
    )

    found = values(path)

    assert found["nifti:descrip"] == {"scan of Ola Testmann"}
    assert found["nifti:extension 6"] == {"ordered by dr. Fleksnes"}
    assert found["nifti:extension 2 (0010,0010)"] == {"Testmann^Ola"}


def test_a_header_apart_from_its_voxels_is_read_too(tmp_path: Path):
    image = make_nifti(tmp_path / "a.nii", descrip="scan of Ola Testmann")
    nibabel.save(nibabel.Nifti1Pair.from_image(nibabel.load(image)), tmp_path / "pair.img")

    assert values(tmp_path / "pair.hdr")["nifti:descrip"] == {"scan of Ola Testmann"}


def test_an_analyze_header_tells_its_patient(tmp_path: Path):
    head = bytearray(348)
    head[:4], head[40:42] = (348).to_bytes(4, "little"), (3).to_bytes(2, "little")
    head[283:293] = b"TESTMANN\0\0"
    (tmp_path / "old.hdr").write_bytes(head)

    assert values(tmp_path / "old.hdr")["analyze:patient_id"] == {"TESTMANN"}


def test_what_a_shorter_text_left_of_a_longer_one_is_read(tmp_path: Path):
    path = make_nifti(tmp_path / "a.nii", descrip="FSL5\0of Ola Testmann")

    assert values(path)["nifti:descrip"] == {"FSL5 of Ola Testmann"}


def test_a_sidecar_is_read_key_by_key(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_bytes(
        sidecar(
            InstitutionName="Testvik sykehus",
            SliceTiming=[0, 0.5],
            Subject={"Notes": ["left", {"by": "Ola"}]},
        )
    )

    found = values(path)

    assert found["json:InstitutionName"] == {"Testvik sykehus"}
    assert found["json:SliceTiming"] == {"0, 0.5"}
    assert found["json:Subject.Notes[]"] == {"left"}
    assert found["json:Subject.Notes[].by"] == {"Ola"}


def test_what_is_called_json_and_is_none_is_read_as_lines(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"Name": Ola Testmann}\n')

    assert values(path)["text:line"] == {'{"Name": Ola Testmann}'}


def test_a_tables_cells_stand_under_their_columns(tmp_path: Path):
    path = tmp_path / "participants.tsv"
    path.write_text("participant_id\tname\nsub-01\tOla Testmann\n")

    found = values(path)

    assert found["table:column"] == {"participant_id", "name"}
    assert found["table:name"] == {"Ola Testmann"}


def test_a_table_without_a_heading_keeps_its_first_row(tmp_path: Path):
    path = tmp_path / "list.csv"
    path.write_text("1;Ola Testmann\n2;Kari Testmann\n")

    assert values(path)["table:column 2"] == {"Ola Testmann", "Kari Testmann"}


def test_of_gradients_only_what_is_no_number_is_told(tmp_path: Path):
    path = tmp_path / "dwi.bval"
    path.write_text("0 1000 1000 Testmann\n")

    assert values(path)["gradients:word"] == {"Testmann"}


def test_a_gzip_header_tells_what_the_file_was_called(tmp_path: Path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip_of(b"first\n", name="ola_testmann.txt", comment="for Ola") * 2)

    found = values(path)

    assert found["gzip:name"] == {"ola_testmann.txt"}
    assert found["gzip:comment"] == {"for Ola"}
    assert found["text:line"] == {"first"}


def test_names_and_comments_of_an_archive_are_read_to_any_place_inside(tmp_path: Path):
    inner = make_zip(tmp_path / "inner.zip", {"note.txt": b"see Ola"}, comment=b"inner Ola")
    path = make_zip(
        tmp_path / "outer.zip",
        {"testmann_ola/inner.zip": inner.read_bytes()},
        comment=b"for Ola Testmann",
        comments={"testmann_ola/inner.zip": b"entry of Ola"},
    )

    found = values(path)

    assert found["zip:comment"] == {"for Ola Testmann", "inner Ola"}
    assert found["zip:comment of an entry"] == {"entry of Ola"}
    assert "testmann_ola" in found["name:folder"]
    assert found["text:line"] == {"see Ola"}
    (line,) = (item for item in items(path) if item.path == "text:line")
    assert line.place == "outer.zip/testmann_ola/inner.zip/note.txt"


def test_the_entries_of_a_zip_are_those_that_the_standard_library_finds(tmp_path: Path):
    members = {f"folder/{number}.txt": b"x" * number for number in range(1, 300)}
    path = make_zip(tmp_path / "many.zip", members)

    found = values(path)

    with ZipFile(path) as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert found["name:file"] == names | {"many.zip"}
    assert found["text:line"] == {"x" * number for number in range(1, 300)}


def test_a_name_in_an_entrys_own_header_alone_is_told(tmp_path: Path):
    path = make_zip(tmp_path / "a.zip", {"secret.txt": b"text"})
    path.write_bytes(path.read_bytes().replace(b"secret.txt", b"testmn.txt", 1))

    assert values(path)["zip:second name of an entry"] == {"testmn.txt"}


def test_a_further_field_of_an_entry_is_told_where_it_is_text(tmp_path: Path):
    from zipfile import ZipInfo

    info = ZipInfo("a.txt")
    info.extra = b"\x99\x99\x08\x00Testmann"
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "text")

    assert values(tmp_path / "a.zip")["zip:further field of an entry"] == {"Testmann"}


def test_a_tar_archive_tells_who_packed_it(tmp_path: Path):
    info = tarfile.TarInfo("scan/note.txt")
    info.uname, info.size = "olates", 4
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.addfile(info, io.BytesIO(b"text"))

    found = values(tmp_path / "a.tar.gz")

    assert found["tar:uname"] == {"olates"}
    assert found["text:line"] == {"text"}


def test_texts_inside_pictures_are_read(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(png_with("Author", "Ola Testmann"))
    (tmp_path / "a.jpg").write_bytes(jpeg_with("taken of Ola", "Kari Testmann"))

    assert values(tmp_path / "a.png")["png:Author"] == {"Ola Testmann"}
    found = values(tmp_path / "a.jpg")
    assert found["jpeg:comment"] == {"taken of Ola"}
    assert found["jpeg:EXIF Artist"] == {"Kari Testmann"}


def test_latin_letters_are_read_whatever_their_encoding(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes("Åse Bjørnstad".encode("latin-1"))
    (tmp_path / "b.txt").write_bytes("Åse Bjørnstad".encode("utf-16"))

    assert values(tmp_path / "a.txt")["text:line"] == {"Åse Bjørnstad"}
    assert values(tmp_path / "b.txt")["text:line"] == {"Åse Bjørnstad"}


def test_a_place_with_folders_tells_their_names(tmp_path: Path):
    (tmp_path / "x.bin").write_bytes(b"text")

    found = set(items(tmp_path / "x.bin", place="CD/TESTMANN OLA/note.txt"))

    assert {item.value for item in found if item.path == "name:folder"} == {"CD", "TESTMANN OLA"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), "It is an archive of a kind"),
        ("a.bin", bytes(range(256)) * 4, "What kind of file it is is not known here"),
        ("a.zip", b"PK\x03\x04" + bytes(40), "The archive is damaged"),
        ("a.gz", gzip_of(b"text" * 4000)[:40], "It breaks off before its end."),
        ("a.nii", (348).to_bytes(4, "little") + bytes(36) + b"\3\0" + bytes(306), ""),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, sentence: str):
    allowance = Allowance()
    (tmp_path / name).write_bytes(content)

    found = items(tmp_path / name, allowance=allowance)

    assert found[0].value == name
    assert [remark.sentence.startswith(sentence) for remark in allowance.remarks] == (
        [True] if sentence else []
    )


def test_a_locked_entry_is_said_and_the_others_are_read(tmp_path: Path):
    path = make_zip(tmp_path / "a.zip", {"a.txt": b"one", "b.txt": b"two"})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    allowance = Allowance()

    found = values(path, allowance)

    assert found["text:line"] == {"two"}
    assert [remark.place for remark in allowance.remarks] == ["a.zip/a.txt"]
    assert "password" in allowance.remarks[0].sentence


def test_a_bomb_ends_where_the_allowance_ends(tmp_path: Path):
    path = make_zip(tmp_path / "bomb.zip", {"zeros.txt": b"a" * (40 << 20), "b.txt": b"two"})
    allowance = Allowance(bytes_left=1 << 20)

    items(path, allowance=allowance)

    assert len(allowance.remarks) == 2
    assert "More is packed" in allowance.remarks[0].sentence
    assert allowance.bytes_left > -(2 << 20)


@pytest.mark.parametrize("seed", range(12))
def test_a_broken_file_of_any_kind_is_said_and_ends_nothing(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    nifti = make_nifti(tmp_path / "a.nii.gz", descrip="x", comment="y", PatientName="z")
    tarred = tmp_path / "a.tar"
    with tarfile.open(tarred, "w") as archive:
        archive.add(nifti, "a.nii.gz")
    inner = {
        "a.nii": gzip.decompress(nifti.read_bytes()),
        "a.nii.gz": nifti.read_bytes(),
        "a.png": png_with("Author", "x"),
        "a.jpg": jpeg_with("x", "y"),
        "a.json": sidecar(a=[1, {"b": "c"}]),
        "a.tsv": b"a\tb\n1\t2\n",
        "a.tar": tarred.read_bytes(),
        "a.pdf": b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>",
    }
    inner["in.zip"] = make_zip(tmp_path / "in.zip", dict(inner), comment=b"x").read_bytes()

    for name, content in inner.items():
        for _ in range(8):
            broken = bytearray(content)
            for _ in range(chance.randint(1, 6)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            (tmp_path / name).write_bytes(broken[: chance.randint(1, len(broken) * 2)])
            read_of_it = items(tmp_path / name, allowance=Allowance(bytes_left=1 << 24))
            assert read_of_it[0].value == name


def test_archives_are_opened_to_a_depth_and_no_further(tmp_path: Path):
    content = b"deep"
    for level in range(6):
        path = make_zip(tmp_path / f"{level}.zip", {"in.zip" if level else "a.txt": content})
        content = path.read_bytes()
    allowance = Allowance()

    found = values(path, allowance)

    assert "text:line" not in found
    assert "too many archives" in allowance.remarks[0].sentence


def test_voxels_of_a_packed_volume_are_not_unpacked(tmp_path: Path):
    import numpy as np

    image = nibabel.Nifti1Image(np.zeros((256, 256, 128), dtype="int16"), np.eye(4))
    nibabel.save(image, tmp_path / "large.nii.gz")
    allowance = Allowance()

    items(tmp_path / "large.nii.gz", allowance=allowance)

    assert (8 << 30) - allowance.bytes_left < 1 << 20


def test_the_directory_of_an_archive_is_read_without_keeping_it(tmp_path: Path):
    path = make_zip(tmp_path / "many.zip", {f"folder/{n}.dcm": b"" for n in range(20_000)})

    with path.open("rb") as file:
        tracemalloc.start()
        count = sum(1 for _ in entries(file, find_directory(file)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert count == 20_000
    assert peak < 1 << 20


def test_every_file_of_the_real_data_is_read_without_a_remark(test_data: Path):
    remarked = []
    for path in sorted(test_data.rglob("*")):
        if path.is_file():
            allowance = Allowance()
            items(path, allowance=allowance)
            remarked += allowance.remarks

    assert remarked == []


def test_the_reference_niftis_say_what_nibabel_reads(test_data: Path):
    checked = 0
    for path in sorted(test_data.rglob("*.nii*")):
        descrip = bytes(nibabel.load(path).header["descrip"].item()).strip(b"\0 ").decode()
        assert values(path).get("nifti:descrip", {""}) == {descrip}
        checked += 1

    assert checked >= 10
