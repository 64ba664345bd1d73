"""Reports, drawings, contours, annotations: cleaned in place, and what they refer to is found."""

import subprocess
from collections.abc import Iterator

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.linked_report import COMPREHENSIVE_SR, code, content
from tests.deidentify.linked_study import linked_study
from tests.deidentify.samples import identity, save

GONE = (
    b"rnstad", b"13836033390", b"s\xf8rli", b"torunn", b"fjordheim", b"\xe5se", b"aase",
    b"13.03.1960", b"19600313", b"12.03.2024",
)  # fmt: skip


def plan(profile="research", **options):
    return compile_plan(profile, identity=identity(), **options)


def rewritten(folder, *, made=None, syntax=ExplicitVRLittleEndian, study=None):
    """Every object of the study, by its name: before, after, and the bytes after."""
    done = {}
    for name, before in (study or linked_study()).items():
        source = save(before, folder / f"{name}.dcm", syntax=syntax)
        target = folder / f"{name} after.dcm"
        rewrite(source, target, made or plan())
        done[name] = before, dcmread(target), target.read_bytes()
    return done


def after(folder, name, **options):
    return rewritten(folder, study={name: linked_study()[name]}, **options)[name][1]


def tree(item: Dataset, depth: int = 0) -> Iterator[tuple[int, str, Dataset]]:
    """The content items below one, with their depth."""
    for inner in item.get("ContentSequence", []):
        yield depth, inner.ValueType, inner
        yield from tree(inner, depth + 1)


def concept(item: Dataset) -> str:
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else ""


def the(item: Dataset, code: str) -> Dataset:
    """The one content item of a concept."""
    (found,) = [inner for _, _, inner in tree(item) if concept(inner) == code]
    return found


def codes(dataset: Dataset) -> list[str]:
    return [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]


def errors_of(path):
    done = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    lines = (done.stdout + done.stderr).splitlines()
    return {line for line in lines if line.startswith("Error")}


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("profile", ["research", "basic"])
def test_nobody_is_left_in_any_text_of_any_object(tmp_path, profile, syntax):
    done = rewritten(tmp_path, made=plan(profile), syntax=syntax)

    left = {name: [one for one in GONE if one in raw.lower()] for name, (_, _, raw) in done.items()}
    assert left == {key: [] for key in done}


@pytest.mark.parametrize("profile", ["research", "basic"])
def test_every_reference_resolves_inside_what_is_kept(tmp_path, profile):
    done = rewritten(tmp_path, made=plan(profile))

    outputs = [output for _, output, _ in done.values()]
    instances = {output.SOPInstanceUID for output in outputs}
    series = {output.SeriesInstanceUID for output in outputs}
    (study,) = {output.StudyInstanceUID for output in outputs}
    referred = {
        str(element.value)
        for output in outputs
        for element in output.iterall()
        if element.keyword == "ReferencedSOPInstanceUID"
    }
    frames = {
        str(element.value)
        for output in outputs
        for element in output.iterall()
        if element.keyword in ("FrameOfReferenceUID", "ReferencedFrameOfReferenceUID")
    }
    inner_series = {
        str(element.value)
        for output in outputs
        for element in output.iterall()
        if element.keyword == "SeriesInstanceUID"
    }
    assert referred - {study} < instances
    assert len(referred) == 4  # two images, the segmentation, the study
    assert inner_series == series
    assert len(frames) == 1
    assert not {uid for uid in referred | frames | series if uid.startswith("1.2.3.4")}


@pytest.mark.parametrize("profile", ["research", "basic"])
def test_dciodvfy_finds_no_error_that_was_not_there_before(tmp_path, profile):
    done = rewritten(tmp_path, made=plan(profile))

    new = {
        name: errors_of(tmp_path / f"{name} after.dcm") - errors_of(tmp_path / f"{name}.dcm")
        for name in done
    }
    assert new == {key: set() for key in done}


def test_a_report_keeps_its_tree_and_its_findings(tmp_path):
    before, output, _ = rewritten(tmp_path)["report"]

    shape = [
        (depth, kind, item.RelationshipType, concept(item)) for depth, kind, item in tree(before)
    ]
    assert [
        (depth, kind, item.RelationshipType, concept(item)) for depth, kind, item in tree(output)
    ] == shape
    text = the(output, "121070").ContentSequence[0].TextValue
    assert "8 mm nodule in the left upper lobe, Hodgkin excluded" in text
    assert (
        "Nodule of" in the(output, "121070").ContentSequence[1].ConceptCodeSequence[0].CodeMeaning
    )
    length = the(output, "410668003")
    assert length.MeasuredValueSequence[0].NumericValue == 8.25
    assert length.ContentSequence[0].GraphicData == [1.0, 1.0, 2.0, 3.5]
    assert output.VerifyingObserverSequence[0].VerifyingObserverName == "REMOVED"
    assert "AuthorObserverSequence" not in output


def test_the_subject_of_a_report_is_the_participant_and_observers_are_nobody(tmp_path):
    output = after(tmp_path, "report")

    assert the(output, "121029").PersonName == "BICAM_01_0007"
    assert the(output, "121008").PersonName == "REMOVED"
    assert the(output, "112039").TextValue == "REMOVED"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BJØRNSTAD^ÅSE", "BICAM_01_0007"),
        ("Åse Marie Bjørnstad", "BICAM_01_0007"),
        ("Bjørnstad^Åse Marie^^Dr", "BICAM_01_0007"),
        ("Bjørnstad^Kari", "REMOVED"),
        ("Bjørnstad", "REMOVED"),
        ("Sørli^Torunn", "REMOVED"),
    ],
)
def test_a_person_is_the_patient_only_if_no_part_of_the_name_is_another(tmp_path, name, expected):
    study = {"report": linked_study()["report"]}
    the(study["report"], "121008").PersonName = name

    output = rewritten(tmp_path, study=study)["report"][1]

    assert the(output, "121008").PersonName == expected


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_report_tells_by_its_concepts_who_its_subject_is(tmp_path, syntax):
    study = {"report": linked_study()["report"]}
    report = study["report"]
    report.PatientName, report.PatientID, report.PatientBirthDate = "", "", ""
    report.ContentSequence.extend(
        [
            content("TEXT", code("121030", "DCM", "Subject ID"), TextValue="HN448291"),
            content("TEXT", code("121009", "DCM", "Organization"), TextValue="Granlia klinikk"),
            content(
                "TEXT",
                code("121071", "DCM", "Finding"),
                TextValue="HN 448291 at Granlia, born 13.03.1960: 4 mm",
            ),
        ]
    )

    _, output, raw = rewritten(tmp_path, study=study, syntax=syntax)["report"]

    assert the(output, "121029").PersonName == "BICAM_01_0007"
    assert the(output, "121030").TextValue == "REMOVED"
    assert b"448291" not in raw
    assert b"granlia" not in raw.lower()
    assert b"1960" not in raw
    assert output.ContentSequence[-1].TextValue.endswith("4 mm")


def test_dates_of_a_report_move_but_the_date_of_birth_is_no_date(tmp_path):
    made = plan()

    output = after(tmp_path, "report", made=made)

    assert the(output, "111526").DateTime == made.shift_date("20240312") + "101500"
    assert the(output, "111527").Time == "101501"
    birth = the(output, "121031").Date
    assert birth not in ("19600313", made.shift_date("19600313"), "")


def test_uids_in_content_follow_and_well_known_ones_stay(tmp_path):
    done = rewritten(tmp_path)

    report, segment = done["report"][1], done["segmentation"][1].SegmentSequence[0]
    assert the(report, "112040").UID == segment.TrackingUID == plan().new_uid("1.2.3.4.99")
    assert the(report, "121435").UID == "1.2.840.10008.5.1.4.1.1.2"


def test_options_are_named_in_the_instances_that_hold_such_content(tmp_path):
    done = rewritten(tmp_path)

    named = {
        name: set(codes(output)) & {"113103", "113104"} for name, (_, output, _) in done.items()
    }
    assert named == {
        "image 1": set(),
        "image 2": set(),
        "key objects": {"113104"},
        "presentation": {"113103"},
        "structures": set(),
        "segmentation": set(),
        "report": {"113104"},
        "waveform": {"113104"},
    }


def test_series_whose_headers_repeat_name_the_options_in_every_instance(tmp_path):
    made = plan()
    study = {f"report {number}": linked_study()["report"] for number in range(6)}
    for number, one in enumerate(study.values()):
        one.SOPInstanceUID = f"1.2.3.4.22.{number}"

    done = rewritten(tmp_path, study=study, made=made)

    assert {tuple(codes(output)) for _, output, _ in done.values()} == {
        ("113100", "113104", "113105", "113107", "113108", "113109", "113111")
    }
    persons = {str(the(output, "121029").PersonName) for _, output, _ in done.values()}
    assert persons == {"BICAM_01_0007"}


def test_without_the_option_a_report_is_hollow_and_says_so(tmp_path):
    output = after(tmp_path, "report", made=plan(options=["no-clean-structured-content"]))

    assert "113104" not in codes(output)
    items = output.ContentSequence
    assert (items[3].ValueType, items[3].PersonName) == ("PNAME", "REMOVED")
    assert items[5].ContentSequence[0].TextValue == "REMOVED"


def test_a_content_sequence_in_what_is_dropped_names_no_option(tmp_path):
    study = {"image": linked_study()["image 1"]}
    inner = linked_study()["report"].AuthorObserverSequence[0]
    inner.ContentSequence = linked_study()["report"].ContentSequence
    study["image"].AuthorObserverSequence = [inner]

    output = rewritten(tmp_path, study=study)["image"][1]

    assert "AuthorObserverSequence" not in output
    assert "113104" not in codes(output)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_content_that_is_empty_names_no_option(tmp_path, syntax):
    study = {"image": linked_study()["image 1"]}
    study["image"].AcquisitionContextSequence = []

    output = rewritten(tmp_path, study=study, syntax=syntax)["image"][1]

    assert output.AcquisitionContextSequence == []
    assert "113104" not in codes(output)


def test_a_presentation_keeps_its_drawing_and_its_layers(tmp_path):
    before, output, _ = rewritten(tmp_path)["presentation"]

    drawn = output.GraphicAnnotationSequence[0]
    first, second = drawn.TextObjectSequence
    assert first.UnformattedTextValue.split() == ["8", "mm"]
    assert second.UnformattedTextValue == "REMOVED"
    assert first.BoundingBoxTopLeftHandCorner == [1, 1]
    assert drawn.GraphicLayer == output.GraphicLayerSequence[0].GraphicLayer == "LAYER1"
    assert drawn.GraphicObjectSequence == before.GraphicAnnotationSequence[0].GraphicObjectSequence
    assert output.ContentDescription.startswith("Kne")


@pytest.mark.parametrize("profile", ["research", "basic"])
def test_overlays_curves_and_icons_go_whole(tmp_path, profile):
    image = linked_study()["image 1"]
    image.add_new(0x60000010, "US", 4)
    image.add_new(0x60000022, "LO", "Bjørnstad")
    image.add_new(0x60001500, "LO", "Åse")
    image.add_new(0x60003000, "OW", bytes(4))
    image.add_new(0x60024000, "LT", "Bjørnstad")
    image.add_new(0x50000020, "CS", "HIST")
    image.add_new(0x50003000, "OW", bytes(4))
    icon = Dataset()
    icon.Rows = icon.Columns = 1
    icon.PixelData = bytes(2)
    icon["PixelData"].VR = "OW"
    image.IconImageSequence = [icon]

    output = rewritten(tmp_path, study={"image": image}, made=plan(profile))["image"][1]

    assert "IconImageSequence" not in output
    assert not [element for element in output if element.tag.group >> 8 in (0x50, 0x60)]
    assert output.PixelData == image.PixelData


def test_contours_and_segments_keep_geometry_and_lose_names(tmp_path):
    done = rewritten(tmp_path)

    before, contours, _ = done["structures"]
    region = contours.StructureSetROISequence[0]
    assert (region.ROIName, contours.StructureSetLabel) == ("GTV", "Plan")
    new, old = contours.ROIContourSequence[0], before.ROIContourSequence[0]
    assert new.ContourSequence[0].ContourData == old.ContourSequence[0].ContourData
    assert contours.RTROIObservationsSequence[0].ROIInterpreter == ""
    before, segments, _ = done["segmentation"]
    segment = segments.SegmentSequence[0]
    assert (segment.SegmentLabel, segment.SegmentDescription) == ("REMOVED", "lesion of")
    assert segments.PixelData == before.PixelData


def test_a_waveform_keeps_leads_and_rates_and_loses_names(tmp_path):
    before, output, _ = rewritten(tmp_path)["waveform"]

    group = output.WaveformSequence[0]
    assert group.WaveformData == before.WaveformSequence[0].WaveformData
    assert group.ChannelDefinitionSequence[0].ChannelLabel == "Lead I"
    assert group.MultiplexGroupLabel == "RHYTHM"
    text, rate = output.WaveformAnnotationSequence
    assert text.UnformattedTextValue == "Sinusrytme"
    assert rate.NumericValue == 62


def test_a_report_in_a_class_nobody_knows_is_cleaned_like_every_other(tmp_path):
    study = {"report": linked_study()["report"]}
    study["report"].SOPClassUID = COMPREHENSIVE_SR + ".99"

    output = rewritten(tmp_path, study=study)["report"][1]

    assert the(output, "121029").PersonName == "BICAM_01_0007"
    assert "nodule" in the(output, "121070").ContentSequence[0].TextValue
