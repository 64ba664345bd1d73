"""Choosing and arranging: which series a specification takes, where they go, what is said of it."""

import json

import pydicom
import pytest

from exports.actions.packages import request_package
from exports.choosing import (
    ListError,
    arrange,
    dry_run,
    read_images,
    read_list,
    read_series,
    read_studies,
)
from exports.choosing import trying as trying_module
from exports.choosing.facts import SeriesFacts
from exports.choosing.rules import Chooser
from exports.specification import Listed, Specification, read_specification
from exports.transforming import Transformer
from projects.models import Event, Participant, Site
from tests.datasets import make_ct_series, make_mr_series, new_uid
from tests.exports.research_copies import add_image, add_study, dicom_files
from transfers.models import Outcome, Run, TransferRequest


@pytest.fixture
def images(project, tmp_path):
    """Two participants: MR T1 (3), MR T2 (2) and CT (1) of the first; MR T1 (2) of the second."""
    study = new_uid()
    first = {"study_instance_uid": study}
    make_mr_series(tmp_path / "a", n=3, SeriesNumber=2, ImageType=["ORIGINAL", "PRIMARY"], **first)
    make_mr_series(tmp_path / "a", n=2, SeriesNumber=3, ImageType=["DERIVED", "SECONDARY"], **first)
    make_ct_series(tmp_path / "a", n=1, SeriesNumber=4, **first)
    make_mr_series(tmp_path / "b", n=2, SeriesNumber=2, ImageType=["ORIGINAL", "PRIMARY"])
    add_study(project, dicom_files(tmp_path / "a"))
    add_study(project, dicom_files(tmp_path / "b"), number=2, event="6month")


def series(pseudonym, number, *, event="baseline", site=None, images=2, **values):
    """A series that is in no database."""
    participant = Participant(pseudonym=pseudonym, site=site)
    transfer = TransferRequest(participant=participant, event=Event(name=event))
    known = {"SeriesNumber": (str(number),), "Modality": ("MR",), "EchoTime": ("2.98",)} | values
    return SeriesFacts(
        run=Run(transfer=transfer),
        uid=f"2.25.{number}",
        study_uid="2.25.1",
        images=images,
        size=100,
        first=Outcome(),
        values={name: texts for name, texts in known.items() if texts is not None},
    )


SERIES = [
    series("BICAM_0001", 2, images=3, ImageType=("ORIGINAL", "PRIMARY")),
    series("BICAM_0001", 3, ImageType=("DERIVED", "SECONDARY")),
    series("BICAM_0001", 4, images=1, Modality=("CT",), EchoTime=None),
    series("BICAM_0002", 2, event="6month", site=Site(code=7), ImageType=("ORIGINAL", "PRIMARY")),
]
ALL = {(one.run.transfer.participant.pseudonym, one.number) for one in SERIES}
FIRST, DERIVED, CT, SECOND = sorted(ALL)


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        ({}, ALL),
        ({"participants": ["BICAM_0002"]}, {SECOND}),
        ({"events": ["6month"]}, {SECOND}),
        ({"sites": ["07"]}, {SECOND}),
        ({"sites": ["01"]}, set()),
        ({"modalities": ["MR"]}, ALL - {CT}),
        ({"least_images": 2, "most_images": 2}, {DERIVED, SECOND}),
        ({"exclude": [("ImageType", "is", "derived")]}, ALL - {DERIVED}),
        ({"exclude": [("ImageType", "is", "DERIVED\\SECONDARY")]}, ALL - {DERIVED}),
        ({"include": [("ImageType", "contains", "ORIG")]}, {FIRST, SECOND}),
        ({"include": [("ImageType", "starts_with", "sec")]}, {DERIVED}),
        ({"include": [("ImageType", "is_not", "DERIVED")]}, ALL - {DERIVED}),
        ({"include": [("Modality", "matches", "[A-C]T")]}, {CT}),
        ({"include": [("Modality", "matches", "T")]}, set()),
        ({"include": [("SeriesNumber", "is", "3"), ("SeriesNumber", "is", "4")]}, {DERIVED, CT}),
        ({"include": [("SeriesNumber", "above", "2"), ("Modality", "is", "CT")]}, {CT}),
        (
            {"include": [("SeriesNumber", "above", "2"), ("SeriesNumber", "below", "3.5")]},
            {DERIVED},
        ),
        ({"include": [("Modality", "above", "2")]}, set()),
        ({"include": [("EchoTime", "is_there", "")]}, ALL - {CT}),
        ({"exclude": [("(0018,0081)", "is_not_there", "")]}, ALL - {CT}),
        ({"listed": [{"participant": "BICAM_0001", "series": "3"}]}, {DERIVED}),
        ({"listed": [{"participant": "BICAM_0001", "series": "2.25.4"}]}, {CT}),
        ({"listed": [{"participant": "BICAM_0002", "event": "6month"}]}, {SECOND}),
        ({"listed": [{"participant": "BICAM_0002", "event": "baseline"}]}, set()),
    ],
)
def test_selection_takes_what_it_says_and_says_why_it_leaves_out(selection, taken):
    for name in ("include", "exclude"):
        if name in selection:
            keys = ("element", "test", "value")
            rules = [dict(zip(keys, rule, strict=True)) for rule in selection[name]]
            selection = selection | {name: rules}
    chooser = Chooser(read_specification({"selection": selection}).selection)

    refusals = {name: chooser.refusal(one) for name, one in zip(sorted(ALL), SERIES, strict=True)}

    assert {name for name, refusal in refusals.items() if not refusal} == taken
    assert chooser.reads_headers or not {"include", "exclude", "modalities"} & selection.keys()


def test_preview_counts_what_goes_in_and_what_stays_out(project, images):
    specification = read_specification({"selection": {"modalities": ["MR"], "least_images": 3}})

    tree = dry_run(project, specification, seconds=60)

    assert (tree.participants, tree.studies, tree.series, tree.images) == (1, 1, 1, 3)
    assert tree.left_out == {"fewer than 3 images": (2, 4), "modality not chosen": (1, 1)}
    own = Outcome.objects.filter(series_instance_uid=tree.sample.series_instance_uid)
    assert tree.size == sum(own.values_list("size", flat=True))


def test_rule_reaches_into_sequences_and_private_blocks(project, tmp_path):
    make_mr_series(tmp_path, n=1)
    (file,) = dicom_files(tmp_path)
    header = pydicom.dcmread(file)
    item = pydicom.Dataset()
    item.CodeValue = "T-A0100"
    header.AnatomicRegionSequence = [item]
    header.private_block(0x0019, "ACME 1.0", create=True).add_new(0x0C, "IS", "7")
    header.save_as(file)
    add_image(add_study(project, []), file)

    def takes(element, value):
        rule = {"element": element, "value": value}
        return dry_run(project, read_specification({"selection": {"include": [rule]}})).series

    assert takes("AnatomicRegionSequence.CodeValue", "T-A0100") == 1
    assert takes("AnatomicRegionSequence.CodeValue", "T-A0200") == 0
    assert takes('(0019,"ACME 1.0",0C)', "7") == 1
    assert takes('(0019,"OTHER",0C)', "7") == 0


@pytest.fixture
def arranged(owner, project, images, tmp_path):
    """Arrange a package as its worker would; return its images, series and studies."""

    def arranged(specification, transformer=None):
        package = request_package(
            by=owner, project=project, specification=specification, participants=None
        )
        folder = tmp_path / str(package.pk)
        folder.mkdir()
        transformer = transformer or Transformer(package)
        arrange(package, folder, transformer)
        return (
            [image for image, _ in read_images(folder, 0, transformer.unseal)],
            list(read_series(folder, transformer.unseal)),
            read_studies(folder, transformer.unseal),
            folder,
        )

    return arranged


def test_series_and_images_are_written_down_in_order(arranged):
    images, series, studies, _ = arranged(Specification())

    assert [image.path for image in images][:4] == [
        *(f"BICAM_0001/baseline/MR/0002_T1_MPRAGE/000{n}.dcm" for n in (1, 2, 3)),
        "BICAM_0001/baseline/MR/0003_T1_MPRAGE/0001.dcm",
    ]
    assert [image.series for image in images] == [1, 1, 1, 2, 2, 3, 4, 4]
    assert [(one.series, one.study, one.images) for one in series] == [
        *((1, 1, 3), (2, 1, 2), (3, 1, 1), (4, 2, 2)),
    ]
    assert [study["images"] for study in studies] == [6, 2]
    assert sum(image.size for image in images) == sum(study["bytes"] for study in studies)


def test_what_the_rules_leave_out_is_counted_in_the_study(arranged):
    specification = read_specification({"selection": {"modalities": ["CT"]}})

    images, _, studies, _ = arranged(specification)

    assert len(images) == 1
    assert [study["not_chosen"] for study in studies] == [
        {"modality not chosen": 5},
        {"modality not chosen": 2},
    ]


def test_template_without_a_series_puts_all_of_its_files_apart(arranged):
    specification = read_specification({"folders": "{participant}", "file": "{series_number}"})

    images, _, _, _ = arranged(specification)

    names = [image.path for image in images if image.participant == "BICAM_0001"]
    assert names == [
        *(f"BICAM_0001/{name}.dcm" for name in ("2", "2_2", "2_3", "3", "3_2", "4")),
    ]


def test_series_that_share_a_description_never_share_a_folder(arranged):
    specification = read_specification({"folders": "{series_description|lower}"})

    images, _, _, _ = arranged(specification)

    folders = {image.series: image.folder for image in images}
    assert len(set(folders.values())) == 4
    assert folders[1] == "t1_mprage"
    assert folders[2] == "t1_mprage_2"


def test_names_are_of_what_goes_out(arranged):
    specification = read_specification(
        {
            "folders": "{participant}/{study_date}_{series_description}",
            "transformations": [
                {"do": "dash", "element": "PatientID"},
                {"do": "set", "element": "StudyDate", "value": "20000102"},
                {"do": "set", "element": "SeriesDescription", "value": "head"},
            ],
        }
    )

    images, series, studies, _ = arranged(specification)

    assert images[0].folder == "BICAM-0001/20000102_head"
    assert images[0].participant == "BICAM_0001"
    assert (series[0].participant, series[0].description) == ("BICAM-0001", "head")
    assert series[0].known_as == "T1 MPRAGE"
    assert studies[0]["participant"] == "BICAM-0001"


def test_rules_look_at_the_research_copy_and_not_at_what_goes_out(arranged):
    specification = read_specification(
        {
            "selection": {"exclude": [{"element": "SeriesDescription", "value": "head"}]},
            "transformations": [{"do": "set", "element": "SeriesDescription", "value": "head"}],
        }
    )

    images, _, _, _ = arranged(specification)

    assert len(images) == 8


def test_with_ties_cut_nothing_written_down_names_anybody(arranged):
    specification = read_specification(
        {"ties": "cut", "folders": "{participant}/{study_date}/{series_number}"}
    )

    images, series, _, folder = arranged(specification)

    written = b"".join(path.read_bytes() for path in folder.iterdir())
    told = json.dumps([image.folder for image in images] + [one.participant for one in series])
    uids = Outcome.objects.values_list("study_instance_uid", flat=True)
    assert b"BICAM" not in written
    assert "BICAM" not in told
    assert not any(uid.encode() in written for uid in uids)
    assert not {one.study_instance_uid for one in series} & set(uids)
    assert {image.participant for image in images} == {"BICAM_0001", "BICAM_0002"}


def test_preview_says_how_far_it_came_and_gets_further_when_asked_again(project, images):
    specification = read_specification(
        {"selection": {"include": [{"element": "Modality", "value": "MR"}]}}
    )

    at_first = dry_run(project, specification, seconds=0)
    then = dry_run(project, specification, seconds=60)
    again = dry_run(project, specification, seconds=0)

    assert (at_first.unread, at_first.series) == (4, 0)
    assert (then.unread, then.series, then.images) == (0, 3, 7)
    assert again == then


def test_counts_that_need_no_header_are_exact_at_once(project, images):
    tree = dry_run(project, read_specification({"selection": {"least_images": 2}}), seconds=0)

    assert (tree.unread, tree.series, tree.images, tree.unshown) == (0, 3, 7, 3)
    assert tree.left_out == {"fewer than 2 images": (1, 1)}


def test_preview_shows_the_first_folders_and_counts_the_rest(project, images, monkeypatch):
    monkeypatch.setattr(trying_module, "SHOWN", 1)

    tree = dry_run(project, Specification(), seconds=60)

    assert [line.name for line in tree.lines] == ["BICAM_0001", "baseline", "MR", "0002_T1_MPRAGE"]
    assert (tree.lines[-1].images, tree.series, tree.unshown) == (3, 4, 3)
    assert tree.file == "0001"


def test_hidden_fields_show_only_that_they_are_there(project, images):
    tree = dry_run(project, Specification(), seconds=60, hidden={"series_description"})

    names = {line.name for line in tree.lines}
    assert "0002_hidden" in names
    assert not any("MPRAGE" in name for name in names)


def test_sample_is_an_image_that_goes_in(project, images):
    tree = dry_run(project, read_specification({"selection": {"modalities": ["CT"]}}), seconds=60)

    assert tree.sample is not None
    assert tree.sample.pk == Outcome.objects.get(series_instance_uid__in=ct_series()).pk


def ct_series():
    counts = {}
    for uid in Outcome.objects.values_list("series_instance_uid", flat=True):
        counts[uid] = counts.get(uid, 0) + 1
    return [uid for uid, count in counts.items() if count == 1]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("participant\nBICAM_0001\n\nBICAM_0001\n", [Listed("BICAM_0001")]),
        (
            "\ufeffPatient ID;Event;Series Number\r\nBICAM_0001;baseline;3\r\n",
            [Listed("BICAM_0001", "baseline", "3")],
        ),
        ("series_instance_uid\tparticipant\n2.25.1\tA\n", [Listed("A", "", "2.25.1")]),
        ('participant,event\n"A","6 months, late"\n', [Listed("A", "6 months, late")]),
    ],
)
def test_list_is_read_as_spreadsheets_write_it(text, rows):
    assert list(read_list(text.encode())) == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"participant\n", "nothing below"),
        (b"event\nbaseline\n", "no column called participant"),
        (b"participant,name\nA,Olga\n", "Column 2 is not known"),
        (b"participant,subject\nA,B\n", "second time"),
        (b"participant,event\nA\n", "Line 2"),
        (b"participant,event\n,x\n", "Line 2"),
        (b'participant\n"A\n', "quotes"),
        ("participant\nBjørn\n".encode("latin-1"), "UTF-8"),
        (b"participant\n" + b"A" * 300, "Line 2"),
    ],
)
def test_list_that_cannot_be_read_is_refused_without_its_values(content, words):
    with pytest.raises(ListError, match=words) as raised:
        read_list(content)

    assert "Olga" not in str(raised.value)
