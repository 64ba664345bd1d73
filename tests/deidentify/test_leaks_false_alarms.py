"""A false alarm is a defect: clean studies, real ones and invented ones, raise none.

The real ones are the studies of the test data and pydicom's own files, each through the engine
and then through the check. `-s` prints the share that is held, and why.
"""

import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pydicom.data
import pytest
from pydicom.data import get_testdata_file

from deidentify.errors import Refused
from deidentify.identity import Identity
from deidentify.known import Known
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.leaks.elements import load
from deidentify.leaks.reading import read_layout
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite

BAR = 1 / 200
PATIENT_ID, ISSUER, STUDY = 0x00100020, 0x00100021, 0x0020000D
OF_PYDICOM = Path(pydicom.data.__file__).parent


def plan_of(profile):
    identity = Identity(project="BICAM", pseudonym="BICAM_0012", secret=b"k" * 32)
    return compile_plan(profile, identity=identity)


def examined(plan, sources, output):
    """Yield each source that the engine takes, and what is found in what it makes of it."""
    terms = SearchTerms(kept_tags=plan.kept_tags, written=plan.written_values)
    known = Known()
    for source in sources:
        terms.read(source)
        try:
            known.read(source)
        except Refused:
            continue
    check = LeakCheck(terms)
    for source in sources:
        try:
            rewrite(source, output, plan, known=known)
        except Refused:
            continue
        yield source, check.examine(source, output)


def marks(path):
    """Return what tells patients and studies apart, of a file as it arrived."""
    layout = read_layout(load(path))
    values = {
        element.tag: bytes(layout.data[element.start : element.end]).strip(b" \0")
        for element in layout.marked
        if element.place.is_main and element.tag in (PATIENT_ID, ISSUER, STUDY)
    }
    return tuple(values.get(tag, b"") for tag in (ISSUER, PATIENT_ID, STUDY))


def patients(*roots):
    """Return the files of each patient of each collection, with the study each is of."""
    found = defaultdict(list)
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.name not in ("DICOMDIR", "DIRFILE"):
                issuer, patient_id, study = marks(path)
                found[root, issuer, patient_id].append((path, study))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["research", "basic"])
def test_hardly_a_clean_real_study_is_held(profile, test_data, tmp_path):
    plan = plan_of(profile)
    collections = [folder for folder in sorted(test_data.iterdir()) if folder.is_dir()]
    studies: set[tuple] = set()
    reasons: dict[tuple, Counter] = defaultdict(Counter)

    every = patients(*collections, OF_PYDICOM / "test_files", OF_PYDICOM / "charset_files")
    for patient, files in every.items():
        study_of = dict(files)
        for source, findings in examined(plan, list(study_of), tmp_path / "out.dcm"):
            studies.add((*patient, study_of[source]))
            for one in findings:
                what = one.kind, one.sure, one.path, one.source_path
                reasons[*patient, study_of[source]][what] += 1

    said = [f"{len(reasons)} of {len(studies)} studies held", *map(str, reasons.values())]
    sys.stdout.write("\n".join([*said, ""]))
    assert len(studies) > 40
    assert len(reasons) <= BAR * len(studies)


NAMES = (
    "Berg^Kari Dahl^Ola Lie^Trygve Moe^Ida Lund^Liv Strand^Stein Vik^Dag Haug^Bjørn Hagen^Vår "
    "Li^Bo Hand^Long Head^Mary Test^Patient Wilson^Mark Hodgkin^Ann Mars^Juni Day^April Kim^Min "
    "Black^Jet Stone^Pearl Siemens^Werner Axel^Axial Spin^Echo Contrast^Tom Ben^Arm Kne^Hofte "
    "Øye^Tann Ås^Øy Sten^Per First^Last Pilot^Paul Neck^Tina Real^Imag Gray^Summer Ray^Cor"
)
NUMBERS = (
    "1 12 256 512 1024 2019 4096 320320 512512 20190101 19720315 123456 12345678 MR1 T1 T2W AB12 "
    "P4P101 TEST01 3T 1.5T HEAD01 001 10.5 120 120KV 180 BICAM 5000 1500 65535 99999"
)
PEOPLE = "Protocol^T1 Operator Tech^A AB MR Kirurg^Ortoped Fastlege Thorax^Lunge"
PLACES = (
    "Storetveit legesenter|Radiologisk avdeling|MR-senteret|Sykehuset|Klinikk for bildediagnostikk|"
    "Lab 3|MR 1|General Hospital|Helse Bergen|Stord sjukehus"
)
TEXTS = (
    "T1 MPRAGE sag P4^P101",
    "CT thorax ved legesenter",
    "stein i galleblære, vår kontroll, liv og lyst",
    "Mb. Parkinson, Hodgkin lymfom, Mb. Wilson",
    "hand and head, long axis, one of two, first series, real imag",
    "matrix 256x256 512 1024 2019 protocol 100000 1500 ms 3000",
    "berg, dalen, strand, lund, haug, vik, radiologisk avdeling MR lab 3",
    "body contrast fast pilot scout skull neck foot vein ax cor sag tra",
    "rose pearl stone rock hill black white gray day april summer",
    "2023-04-05 kl 12:30, 120 kV, 180 deg, 65535, 32767",
    "øye øre nese munn, ås, øy, ben arm kne hofte hjerte",
)


def invented(draw, carrier):
    """Return a carrier under an identity whose words are words of every day."""
    made = pydicom.dcmread(carrier)
    made.SpecificCharacterSet = "ISO_IR 100"
    made.PatientName = draw.choice(NAMES.split())
    made.PatientID, made.AccessionNumber, made.StudyID = draw.choices(NUMBERS.split(), k=3)
    made.PatientBirthDate = draw.choice(["19720315", "20190101", "19000101", ""])
    made.ReferringPhysicianName, made.OperatorsName = draw.choices(PEOPLE.split(), k=2)
    made.InstitutionName = draw.choice(PLACES.split("|"))
    texts = draw.sample(TEXTS, 4)
    style = draw.choice([str, str.upper, str.title])
    made.SeriesDescription, made.ProtocolName = texts[0][:64], style(texts[1])[:64]
    made.ImageComments = style("; ".join(texts))
    return made


@pytest.mark.slow
def test_identities_made_of_ordinary_words_raise_no_alarm(tmp_path):
    draw, plan = random.Random(20), plan_of("research")
    carriers = [get_testdata_file(name) for name in ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm")]
    source, reasons = tmp_path / "in.dcm", Counter()

    for _ in range(400):
        invented(draw, draw.choice(carriers)).save_as(source)
        for _, findings in examined(plan, [source], tmp_path / "out.dcm"):
            raw = (tmp_path / "out.dcm").read_bytes()
            reasons.update((one.kind, one.path, raw[one.start : one.end]) for one in findings)

    assert reasons == Counter()
