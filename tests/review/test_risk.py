"""Why an element is to be looked at, and that a planted name comes first; names are invented."""

from collections import defaultdict

import pydicom
import pytest

from deidentify.decisions import ACTIONS
from deidentify.errors import Refused
from deidentify.identity import Identity
from deidentify.inventory import SeriesInventory
from deidentify.inventory_rulings import rulings
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from review.decided import SHORT
from review.risk import LEVELS, LOOKS, OF_LOOKS, REASONS, Facts, in_words, looks_of, scored
from review.series_rows import listed

SAFE = '(0019,"SIEMENS MR HEADER",0F)'
UNKNOWN = '(0009,"ACME",01)'
OF_EACH_SERIES = 4
FEW_ALARMS = 15
PLANTED = [
    ('(0019,"GEMS_ACQU_01",9C)', "LO", "Kari Nordheim"),
    ('(0051,"SIEMENS MR HEADER",0F)', "LO", "HANSEN^OLA"),
    ('(0051,"SIEMENS MR HEADER",19)', "LO", "Vestrheim, Torbjørn"),
    ('(0009,"ACME",02)', "UN", "Olav Vikesdal"),
    ('(0009,"ACME",03)', "OB", "Kari Vestli"),
    ('(0009,"ACME",04)', "LT", "Operator was Anne Marie Storhaug, second run"),
    ('(0009,"ACME",05)', "SH", "NORDMANN"),
    ('(0009,"ACME",06)', "LO", "KARI NORDHEIM"),
    ('(0009,"ACME",07)', "CS", "SMITH JOHN"),
    ('(0009,"ACME",08)', "LO", "Wojciech Malinowski"),
    ('(0009,"ACME",09)', "LO", "Fatima Al-Hassani"),
    ('(0009,"ACME",0A)', "DS", "Ola Vikesdal"),
    ('(0029,"SIEMENS CSA HEADER",10)', "OB", "6812 bytes, sha256 00ff; in it: Nordheim^Kari"),
    ("(0008,1030)", "LO", "MR HEAD for Per Sundal"),
    ("(0018,1030)", "LO", "Knut Ola Lie T1"),
    ("(0018,1020)", "LO", "build by thorsen_marit"),
    ("(0020,4000)", "LT", "phoned by Solveig Mo about implant"),
    ("(0040,0275)(0040,0007)", "LO", "Ingrid Halvorsen"),
    ("(0018,A001)(0018,A003)", "ST", "configured by J. Tennfjord"),
    ('(2001,"Philips Imaging DD 001",5F)(2001,"ACME",32)', "SH", "Ø. Bergstad"),
]


class Gathered:
    """The sums of one element, gathered as the index gathers them."""

    def __init__(self) -> None:
        self.vrs, self.actions, self.rows = set(), set(), set()
        self.people = defaultdict(set)
        self.unlisted = 0

    def add(self, row, ruling, participant):
        self.vrs.add(row.vr)
        self.actions.add(ruling.action)
        self.rows.add(ruling.row)
        values = listed(row)
        self.unlisted += row.distinct - len(values)
        for text in values:
            self.people[text].add(participant)

    def risk(self, path, *, planted=""):
        people = {text: set(found) for text, found in self.people.items()}
        if planted:
            people.setdefault(planted, set()).add("somebody")
        looks = defaultdict(int)
        for text in people:
            looks[looks_of(text)] += 1
        looks.pop("", None)
        return scored(
            Facts(
                path=path,
                vr=" or ".join(sorted(self.vrs)),
                actions=self.actions,
                rows=self.rows,
                participant_count=len(set().union(*people.values(), ())),
                value_count=len(people),
                unlisted_count=self.unlisted,
                participant_value_count=sum(map(len, people.values())),
                lone_value_count=sum(len(found) == 1 for found in people.values()),
                looks=looks,
                is_empty=set(people) <= {""},
            )
        )


@pytest.fixture(scope="module")
def real(test_data, tmp_path_factory):
    """The elements that de-identification leaves in the real studies, by path."""
    folder = tmp_path_factory.mktemp("copy")
    series, plans = defaultdict(list), {}
    for path in sorted(path for path in test_data.rglob("*") if path.is_file()):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
            key = (path.parts[-2], header.PatientID, header.SeriesInstanceUID, header.SOPClassUID)
        except (pydicom.errors.InvalidDicomError, AttributeError):
            continue
        if len(series[key]) < OF_EACH_SERIES:
            series[key].append(path)
    elements = defaultdict(Gathered)
    for number, ((_, patient, _, sop_class), files) in enumerate(series.items()):
        plan = plans.setdefault(
            patient,
            compile_plan(
                "research",
                identity=Identity(project="BICAM", pseudonym="B_1", secret=bytes([number]) * 32),
            ),
        )
        inventory = SeriesInventory()
        for place, path in enumerate(files):
            try:
                rewrite(path, folder / f"{number}-{place}", plan)
            except Refused:
                continue
            inventory.add(folder / f"{number}-{place}")
        rows = list(inventory.rows())
        decided = rulings(plan, rows, sop_class)
        for row in rows:
            elements[row.path].add(row, decided[row.path], patient)
    assert len(elements) > 300
    return elements


@pytest.mark.parametrize(("path", "vr", "text"), PLANTED)
def test_a_planted_name_is_among_the_first_three(real, path, vr, text):
    scores = {other: found.risk(other).score for other, found in real.items()}
    element = real.get(path)
    if element is None:
        element = Gathered()
        element.vrs.add(vr)
        element.actions.add("K")

    risk = element.risk(path, planted=text)

    before = sum(score >= risk.score for other, score in scores.items() if other != path)
    assert before < 3
    assert risk.level == len(LEVELS)
    assert risk.reasons[0][0] == "name"


def test_few_real_elements_raise_an_alarm(real):
    levels = [found.risk(path).level for path, found in real.items()]

    assert levels.count(len(LEVELS)) < FEW_ALARMS
    assert levels.count(0) + levels.count(1) > len(levels) * 0.9


def test_what_the_plan_wrote_raises_no_alarm():
    facts = Facts("(0010,0010)", "PN", actions={"W"}, value_count=9, looks={"N": 9})

    assert scored(facts) == (0, 0, [("written", 0)])


def test_an_unknown_private_element_weighs_more_than_one_of_the_safe_list():
    known, unknown = (scored(Facts(path, "LO", value_count=1)) for path in (SAFE, UNKNOWN))

    assert unknown.score > known.score
    assert ("private_unknown", 0) in unknown.reasons
    assert ("private", 0) in known.reasons


def test_figures_and_uids_come_last():
    uid = scored(Facts("(0020,000D)", "UI", value_count=500, looks={"C": 500}))
    number = scored(Facts("(0018,0050)", "DS", value_count=500, looks={"T": 3, "C": 5}))

    assert (uid.score, number.score) == (0, 0)


def test_many_lone_values_of_a_text_are_said_with_their_number():
    facts = Facts(
        "(0020,4000)",
        "LT",
        participant_count=30,
        value_count=28,
        participant_value_count=40,
        lone_value_count=21,
    )

    said = in_words(scored(facts).reasons)

    assert "21 values occur with one participant only." in said
    assert "Many different values (28): more than people look through." in said
    assert "It differs within a participant." in said


def test_every_look_has_a_reason_and_every_action_a_short_word():
    assert set(OF_LOOKS) == set(LOOKS)
    assert set(OF_LOOKS.values()) <= set(REASONS)
    assert set(SHORT) == set(ACTIONS)
