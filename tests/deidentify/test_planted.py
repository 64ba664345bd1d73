"""Data sets made by Hypothesis: planted strings do not survive, everything else does."""

import tempfile
import warnings
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from deidentify.errors import Refused
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import brain, identity, save

PLANTS = ["Bjørnstad", "BJØRNSTAD", "13836033390", "ACC7741", "Sørli", "Bjornstad^Aase"]
TEXTS = ["StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments",
         "PatientComments", "DerivationDescription", "ContrastBolusAgent",
         "AdditionalPatientHistory", "RequestedProcedureDescription"]  # fmt: skip
WORDS = st.lists(
    st.sampled_from(["T1", "MPRAGE", "knee", "left", "ep2d", "P4^P101", "3.0", "Bechterew"]),
    max_size=2,
).map(" ".join)
PROFILES = st.sampled_from(["research", "basic", "mmiv-2019"])


@st.composite
def planted_texts(draw):
    """A text with one identifier in it."""
    return f"{draw(WORDS)} {draw(st.sampled_from(PLANTS))} {draw(WORDS)}".strip()


@st.composite
def data_sets(draw, depth=3):
    """Texts, numbers, UIDs and sequences, as deep as `depth`."""
    dataset = Dataset()
    for keyword in draw(st.lists(st.sampled_from(TEXTS), unique=True, max_size=4)):
        setattr(dataset, keyword, draw(planted_texts()))
    if draw(st.booleans()):
        dataset.EchoTime = draw(st.integers(0, 999))
    if draw(st.booleans()):
        dataset.FrameOfReferenceUID = f"1.2.77.{draw(st.integers(0, 10**6))}.13836033390"
    if draw(st.booleans()):
        dataset.PerformingPhysicianName = "Sørli^Torunn"
    if depth and draw(st.booleans()):
        items = draw(st.lists(data_sets(depth=depth - 1), min_size=1, max_size=3))
        keyword = draw(st.sampled_from(["ReferencedImageSequence", "AnatomicRegionSequence",
                                        "RequestAttributesSequence", "SourceImageSequence",
                                        "ReferencedSeriesSequence"]))  # fmt: skip
        setattr(dataset, keyword, items)
        if draw(st.booleans()):
            dataset[keyword].value.is_undefined_length = True
            for item in items:
                item.is_undefined_length_sequence_item = True
    return dataset


GONE = (b"rnstad", b"13836033390", b"acc7741", b"s\xf8rli", b"aase")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data_sets(), PROFILES, st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian]))
def test_no_planted_string_survives_and_the_output_reads_again(extra, profile, syntax):
    dataset = brain()
    dataset.update(extra)
    with tempfile.TemporaryDirectory() as folder:
        source = save(dataset, Path(folder) / "source.dcm", syntax=syntax)
        target = Path(folder) / "target.dcm"

        first = rewrite(source, target, compile_plan(profile, identity=identity()))
        again = rewrite(source, target, compile_plan(profile, identity=identity()))

        raw = target.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the old installation's UIDs are not well formed
            output = dcmread(target)
            kept = [element.tag for element in output.iterall()]

    assert not [plant for plant in GONE if plant in raw.lower()]
    assert first.digest == again.digest
    assert output.PixelData == dataset.PixelData
    assert len(kept) > 20
    assert output.Rows == dataset.Rows
    assert output.get("EchoTime") == dataset.get("EchoTime")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(132, 900), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 40),
)
def test_flipped_bytes_end_in_a_valid_file_or_a_refusal(flips, cut):
    with tempfile.TemporaryDirectory() as folder:
        source = save(brain(), Path(folder) / "source.dcm")
        raw = bytearray(source.read_bytes())
        for position, value in flips:
            if position < len(raw):
                raw[position] = value
        source.write_bytes(raw[: len(raw) - cut])
        target = Path(folder) / "target.dcm"
        refused = None
        try:
            rewrite(source, target, compile_plan(identity=identity()))
        except Refused as error:
            refused = error
        left = sorted(path.name for path in Path(folder).iterdir())
        patient_id = dcmread(target).PatientID if refused is None else None

    if refused is None:
        assert patient_id == "BICAM_01_0007"
    else:
        assert refused.sentence
        assert left == ["source.dcm"]
