"""The leak check at the door: whatever is planted into a finished package is found, and held.

Patients are invented; what is packed here was de-identified by the engine, and what is planted is
what their originals say.
"""

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pydicom
import pytest
from PIL import Image, PngImagePlugin
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from exports.actions.tables import bring_table
from exports.door import examine
from exports.models import Package, PackageFinding
from exports.specification import Attachment, Specification, Transformation
from exports.states import Format, State
from projects.models import Project
from projects.storage import storage
from tests.datasets import PATIENT_ID, PATIENT_NAME, make_mr_series
from tests.deidentify.beyond_files import gzip_of, make_nifti
from tests.exports.research_copies import add_study, dicom_files
from transfers.models import Outcome, SearchTermStore

FAMILY = PATIENT_NAME.split("^", maxsplit=1)[0]
OTHER = "Kvernstad^Synne"
BORN = "19520314"
CLEAN = {
    "BICAM_0001/baseline/MR/0001_T1/image.json": json.dumps(
        {"Modality": "MR", "EchoTime": 0.00257, "SliceTiming": [0, 0.5, 1.25]}
    ).encode(),
    "participants.tsv": b"participant_id\tsex\tage\nBICAM_0001\tF\t71\nBICAM_0002\tF\t54\n",
    "README.txt": b"Images of the project BICAM.\n\nAsk the project's people about them.\n",
}
IN_ONE = "BICAM_0001/baseline/MR/0001_T1/"

Look = Callable[..., list[PackageFinding]]


@pytest.fixture
def copies(project: Project, tmp_path: Path) -> list[Path]:
    """The research copies of two patients, an image each."""
    make_mr_series(tmp_path / "a", n=1, PatientBirthDate=BORN)
    make_mr_series(
        tmp_path / "b", n=1, patient_name=OTHER, PatientID="HN4711008", PatientBirthDate="19701224"
    )
    add_study(project, dicom_files(tmp_path / "a"), number=1)
    add_study(project, dicom_files(tmp_path / "b"), number=2)
    return [
        storage().path(key) for key in Outcome.objects.order_by("pk").values_list("key", flat=True)
    ]


@pytest.fixture
def look(project: Project, owner: object, copies: list[Path], tmp_path: Path) -> Look:
    """Have a package of these members examined; return what holds it."""

    def look(
        members: Mapping[str, bytes],
        *,
        comment: bytes = b"",
        comments: Mapping[str, bytes] | None = None,
        extra: bytes = b"",
        specification: dict[str, object] | None = None,
    ) -> list[PackageFinding]:
        path = tmp_path / "package.zip"
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.comment = comment
            for name, content in members.items():
                info = ZipInfo(name)
                info.comment = (comments or {}).get(name, b"")
                info.extra = extra
                archive.writestr(info, content)
        made = claimed(project, owner, specification)
        return examine(made, path, lambda: None)

    return look


def claimed(
    project: Project, owner: object, specification: dict[str, object] | None = None
) -> Package:
    """A package of both participants that a worker has in hand."""
    package = Package.objects.create(
        project=project,
        format=Format.DICOM,
        requested_by=owner,
        state=State.BUILDING,
        owner=uuid4(),
        specification=specification or {},
    )
    package.participants.set(project.participants.all())
    return package


def test_clean_package_is_not_held(look, copies):
    members = {IN_ONE + "0001.dcm": copies[0].read_bytes(), **CLEAN}

    assert look(members) == []


def test_image_that_was_proved_is_known_by_its_sum(look, copies):
    look({IN_ONE + "0001.dcm": copies[0].read_bytes(), "README.txt": b"Images.\n"})

    examination = Package.objects.get().examination
    assert (examination.known_count, examination.searched_count) == (1, 1)
    assert examination.ended_at is not None


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        (f"BICAM_0001/baseline/MR/0001_T1_{FAMILY}/x.json", b"{}", "the name of a folder"),
        (IN_ONE + f"scan of {FAMILY}.json", b"{}", "the name of a file"),
        (IN_ONE + "image.json", json.dumps({"ProtocolName": f"T1 {FAMILY}"}).encode(),
         "ProtocolName in a JSON file"),
        (IN_ONE + "image.json", json.dumps({f"note on {FAMILY}": "T1"}).encode(), "a JSON file"),
        ("participants.tsv", f"participant_id\tnote\nBICAM_0002\tas {FAMILY}\n".encode(),
         "a table"),
        ("extra/demographics.csv", f"id,mrn\nBICAM_0001,{PATIENT_ID}\n".encode(), "a table"),
        ("README.txt", f"Thanks to Turid {FAMILY}.\n".encode(), "a line of a text"),
        ("notes.txt", "Thanks to Synne Kvernstad.\n".encode("utf-16"), "a line of a text"),
        ("manifest.json", json.dumps({"left_out": [f"T1 {FAMILY}"], "members": []}).encode(),
         "a JSON file"),
        (IN_ONE + "image.nii.gz", gzip_of(b"nothing", name=f"{FAMILY}.nii"),
         "the name inside a gzip file"),
    ],
)  # fmt: skip
def test_planted_name_is_found_where_it_stands(look, name, content, place):
    found = look({**CLEAN, name: content})

    assert place in {one.place for one in found}
    assert not any(FAMILY.casefold() in one.sentence.casefold() for one in found)


def test_name_in_the_comment_of_the_archive_is_found(look):
    (found,) = look(CLEAN, comment=f"made for {FAMILY}".encode())

    assert (found.kind, found.place) == ("name", "the comment of the zip file")


def test_name_in_the_comment_or_a_field_of_a_member_is_found(look):
    (found,) = look(CLEAN, comments={"README.txt": f"by {FAMILY}".encode()})
    assert found.place == "the comment of a member of the zip file"

    text = f"of {FAMILY}".encode()
    found, *_ = look(CLEAN, extra=struct.pack("<HH", 0x4D49, len(text)) + text)
    assert found.place == "a further field of a member of the zip file"


@pytest.mark.parametrize("field", ["descrip", "aux_file", "intent_name"])
def test_name_in_a_nifti_header_is_found(look, tmp_path, field):
    path = make_nifti(tmp_path / "image.nii")
    at = {"descrip": 148, "aux_file": 228, "intent_name": 328}[field]
    raw = bytearray(path.read_bytes())
    raw[at : at + len(FAMILY)] = FAMILY.encode()

    (found,) = look({**CLEAN, IN_ONE + "image.nii": bytes(raw)})

    assert found.place == f"the field {field} of a NIfTI header"


def test_name_in_an_extension_of_a_packed_nifti_file_is_found(look, tmp_path):
    path = make_nifti(tmp_path / "image.nii", comment=f"scan of {FAMILY}")

    found = look({**CLEAN, IN_ONE + "image.nii.gz": gzip_of(path.read_bytes())})

    assert [one.place for one in found] == ["an extension of a NIfTI header"]


def test_name_in_a_text_of_a_picture_is_found(look, tmp_path):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", f"of {FAMILY}")
    Image.new("L", (4, 4)).save(tmp_path / "slice.png", pnginfo=texts)

    (found,) = look({**CLEAN, IN_ONE + "slice.png": (tmp_path / "slice.png").read_bytes()})

    assert found.place == "a text inside a PNG picture"


def test_name_in_the_directory_of_a_medium_is_found(look, copies):
    record = Dataset()
    record.DirectoryRecordType = "PATIENT"
    record.PatientName = PATIENT_NAME
    directory = pydicom.dcmread(copies[0])
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    directory.DirectoryRecordSequence = [record]

    found = look({**CLEAN, "DICOMDIR": _bytes(directory)})

    assert {one.kind for one in found} == {"name"}
    assert {one.place for one in found} == {
        "Patient Name, inside Directory Record Sequence in the directory of the medium (DICOMDIR)"
    }


def test_changed_image_is_searched_for_its_own_patient_and_for_the_others(look, copies):
    own, others = pydicom.dcmread(copies[0]), pydicom.dcmread(copies[0])
    own.SeriesDescription = f"T1 {FAMILY}"
    others.ImageComments = "compare with Kvernstad"

    found = look({IN_ONE + "1.dcm": _bytes(own), IN_ONE + "2.dcm": _bytes(others)})

    places = {one.place for one in found}
    assert places == {"Series Description of an image", "Image Comments of an image"}


def test_original_date_is_found_in_its_own_place(look, copies):
    image = pydicom.dcmread(copies[0])
    original = _terms_of(0)["in_element"]
    (study_date,) = next(dates for tag, dates in original if tag == 0x00080020)
    image.StudyDate = study_date

    by_header = look({IN_ONE + "1.dcm": _bytes(image)})
    said = f"{study_date[:4]}-{study_date[4:6]}-{study_date[6:]}"
    by_sidecar = look({IN_ONE + "1.json": json.dumps({"StudyDate": said}).encode()})

    assert [one.kind for one in by_header] == ["date"]
    assert [one.place for one in by_sidecar] == ["StudyDate in a JSON file"]


def test_forms_that_identify_are_found_whosever_they_are(look):
    text = b"Ask kari.nordmann@hospital.invalid, fnr 13815220098.\n"

    found = look({**CLEAN, "README.txt": text})

    assert "email" in {one.kind for one in found}


def test_what_cannot_be_read_holds(look):
    (found,) = look({**CLEAN, IN_ONE + "volume.bin": bytes(range(256)) * 20})

    assert found.kind == "unreadable"


def test_own_birth_date_may_stand_where_the_specification_puts_it(look, copies):
    asked = {
        "transformations": [{"do": "birth_date", "table": "people", "column": "born"}],
        "attachments": [{"kind": "demographics", "columns": ["birth_date"], "table": "people"}],
    }
    image = pydicom.dcmread(copies[0])
    image.PatientBirthDate = BORN
    table = b"participant_id,birth_date\nBICAM_0001,1952-03-14\nBICAM_0002,1970-12-24\n"

    allowed = look(
        {IN_ONE + "1.dcm": _bytes(image), "demographics.csv": table}, specification=asked
    )
    not_asked = look({IN_ONE + "1.dcm": _bytes(image)})

    assert allowed == []
    assert [one.kind for one in not_asked] == ["birth_date"]


def test_birth_date_of_another_participant_is_found_wherever_it_stands(look, copies):
    asked = {"transformations": [{"do": "birth_date", "table": "people", "column": "born"}]}
    image = pydicom.dcmread(copies[0])
    image.PatientBirthDate = "19701224"
    table = b"participant_id,birth_date\nBICAM_0001,1970-12-24\n"

    found = look({IN_ONE + "1.dcm": _bytes(image), "people.csv": table}, specification=asked)

    assert {one.place for one in found} == {"Patient Birth Date of an image", "a table"}


@pytest.mark.parametrize(
    ("born", "state", "places"),
    [
        ((BORN, "19701224"), State.READY, set()),
        (("19701224", BORN), State.HELD, {"Patient Birth Date of an image", "a table"}),
    ],
)
def test_birth_dates_under_new_identifiers_are_each_ones_own(
    project, copies, manager, build, born, state, places
):
    rows = "participant,identifier,birth_date\n"
    rows += f"BICAM_0001,NEW-1,{born[0]}\nBICAM_0002,NEW-2,{born[1]}\n"
    bring_table(by=manager, project=project, name="people", file=rows.encode())
    deeds = tuple(Transformation(do=do, table="people") for do in ("identifiers", "birth_date"))
    attached = Attachment(kind="demographics", columns=("birth_date",), table="people")

    package = build(
        project, Specification(transformations=deeds, attachments=(attached,)), by=manager
    )

    assert package.state == state, package.reason
    assert {one.place for one in package.findings.all()} == places


def test_pseudonym_that_stayed_in_an_untied_package_is_found_however_it_is_spelled(look, copies):
    image = pydicom.dcmread(copies[0])
    image.PatientID = image.PatientName = image.ClinicalTrialSubjectID = "K7QX2MPA9RTB"
    image.SeriesDescription = "T1 bicam-0001"
    members = {"K7QX/1.dcm": _bytes(image), "K7QX/1.json": b'{"Note": "as Bicam 0002"}'}

    found = look(members, specification={"ties": "cut"})

    assert {(one.kind, one.place) for one in found} >= {
        ("identifier", "Series Description of an image"),
        ("identifier", "a JSON file"),
    }


def test_without_search_terms_it_is_said_and_holds_only_what_is_attached(look):
    SearchTermStore.objects.all().delete()

    assert look(CLEAN) == []
    (said,) = PackageFinding.objects.all()
    assert not said.is_holding
    assert said.sentence.startswith("What 2 of its participants were called is not known")

    attached = {"attachments": [{"kind": "readme", "text": "Hello."}]}
    (found,) = look(CLEAN, specification=attached)
    assert found.kind == "unproved"


def test_alike_findings_are_told_as_one(look):
    members = {
        IN_ONE + f"{n}.json": json.dumps({"Note": f"of {FAMILY}"}).encode() for n in range(9)
    }

    (found,) = look(members)

    assert found.member_count == 9
    assert len(json.loads(found.detail)["members"]) == 5
    assert FAMILY not in str(PackageFinding.objects.values().get()["sentence"])


def test_more_findings_than_are_listed_can_only_be_rejected(look, monkeypatch):
    monkeypatch.setattr("exports.door.found.MOST_ROWS", 2)
    notes = ["in a ward", "at home", "by train", "on foot"]
    members = {f"{n}.txt": f"{FAMILY} came {note}.".encode() for n, note in enumerate(notes)}

    found = look(members)

    assert len(found) == 3
    (more,) = [one for one in found if one.kind == "unreadable"]
    assert (more.sentence, more.member_count) == ("More was found than is listed here.", 2)


def test_examination_goes_on_behind_the_last_batch(project, owner, copies, tmp_path, monkeypatch):
    monkeypatch.setattr("exports.door.examining.BATCH", 1)
    path = tmp_path / "package.zip"
    with ZipFile(path, "w") as archive:
        for name, content in {**CLEAN, "b.txt": f"of {FAMILY}".encode()}.items():
            archive.writestr(name, content)
    package = claimed(project, owner)
    calls = iter([None, None, None])

    def killed() -> None:
        if next(calls, "dead") == "dead":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(package, path, killed)
    position = package.examination.position
    package = Package.objects.get()
    (found,) = examine(package, path, lambda: None)

    assert 0 < position < 4
    assert found.kind == "name"
    assert Package.objects.get().examination.position == 4


def test_another_file_is_examined_from_its_beginning(look):
    look({**CLEAN, "a.txt": f"of {FAMILY}".encode()})
    first = PackageFinding.objects.get()

    assert look(CLEAN) == []
    assert first.package.findings.count() == 1


def _bytes(dataset: pydicom.Dataset) -> bytes:
    buffer = pydicom.filebase.DicomBytesIO()
    dataset.save_as(buffer)
    return bytes(buffer.getvalue())


def _terms_of(number: int) -> dict[str, list[tuple[int, list[str]]]]:
    store = SearchTermStore.objects.order_by("pk")[number]
    terms: dict[str, list[tuple[int, list[str]]]] = json.loads(store.terms)
    return terms
