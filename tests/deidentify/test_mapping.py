"""Values replaced by a project's own table, judged by pydicom: what is named, and what is not."""

import itertools
import json

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from deidentify.errors import UnknownProfile
from deidentify.explain import Explainer
from deidentify.identity import Identity
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import OTHERS, Rule, mark_of, read_rules
from tests.datasets import mr, write

KEY = b"a key of the project" * 2
NOBODY = Identity(project="BICAM", pseudonym="BICAM_001", secret=bytes(32), rule_key=KEY)
PROTOCOL, CODES = "(0018,1030)", "(0018,0022)"
PRIVATE = '(0019,"SIEMENS MR HEADER",0C)'


def deidentified(dataset, tmp_path, *rules, explicit=True):
    """The output of one data set under a plan with these rules, as pydicom reads it."""
    names = (tmp_path / f"{number}.dcm" for number in itertools.count())
    source = next(name for name in names if not name.exists())
    syntax = {} if explicit else {"transfer_syntax": ImplicitVRLittleEndian}
    write(dataset, source, **syntax)
    target = source.with_suffix(".out")
    rewrite(source, target, compile_plan(identity=NOBODY, rules=rules))
    return pydicom.dcmread(target)


def mapping(element, values, others=""):
    return Rule.of_values(element, values, others, key=KEY)


@pytest.mark.parametrize(
    ("others", "left"),
    [("clean", "T1 of"), ("empty", ""), ("remove", None), ("keep", "T1 of 97975432312")],
)
def test_values_that_the_table_does_not_name_become_what_the_rule_says(tmp_path, others, left):
    rule = mapping(PROTOCOL, {"ole h": "operator 1"}, others)

    named = deidentified(mr(ProtocolName="ole h "), tmp_path, rule)
    other = deidentified(mr(ProtocolName="T1 of 97975432312"), tmp_path, rule)

    assert named.ProtocolName == "operator 1"
    assert (other.ProtocolName.strip() if "ProtocolName" in other else None) == left


def test_several_values_are_mapped_one_by_one(tmp_path):
    dataset = mr(ScanOptions=["PFP", "SAT1", "FS"])

    outputs = {
        others: deidentified(dataset, tmp_path, mapping(CODES, {"SAT1": "SAT"}, others))
        for others in OTHERS
    }

    assert {others: output.ScanOptions for others, output in outputs.items()} == {
        "keep": ["PFP", "SAT", "FS"],
        "empty": ["", "SAT", ""],
        "clean": ["PFP", "SAT", "FS"],
        "remove": "SAT",
    }


@pytest.mark.parametrize("explicit", [True, False])
def test_private_elements_and_those_in_sequences_are_reached(tmp_path, explicit):
    dataset = mr()
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "1000")
    item = Dataset()
    item.ScheduledProcedureStepDescription = "For Ole"
    dataset.RequestAttributesSequence = Sequence([item, item])

    output = deidentified(
        dataset,
        tmp_path,
        mapping(PRIVATE, {"1000": "1"}),
        mapping("(0040,0275)(0040,0007)", {"For Ole": "routine"}),
        explicit=explicit,
    )

    assert output.private_block(0x0019, "SIEMENS MR HEADER")[0x0C].value == 1
    steps = [one.ScheduledProcedureStepDescription for one in output.RequestAttributesSequence]
    assert steps == ["routine", "routine"]


def test_numbers_are_mapped_as_numbers_and_an_unnamed_one_takes_the_others_with_it(tmp_path):
    dataset = mr(EchoTime=2.98)
    dataset.add_new(0x00189073, "FD", 1.5)  # Acquisition Duration
    dataset.add_new(0x00189195, "FD", [1.0, 2.0])

    output = deidentified(
        dataset,
        tmp_path,
        mapping("(0018,0081)", {"2.98": "3"}),
        mapping("(0018,9073)", {"1.5": "2"}),
        mapping("(0018,9195)", {"1.0": "7"}),
    )

    assert output.EchoTime == 3
    assert output.AcquisitionDuration == 2.0
    assert output[0x00189195].is_empty


@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192"])
def test_letters_outside_ascii_are_found_whatever_the_character_set(tmp_path, charset):
    dataset = mr(SpecificCharacterSet=charset, ProtocolName="Håkon sin prøve")
    kept = mr(SpecificCharacterSet=charset, ProtocolName="Måling for hjernen")
    rule = mapping(PROTOCOL, {"Håkon sin prøve": "test"}, "keep")

    output, other = (deidentified(one, tmp_path, rule) for one in (dataset, kept))

    assert output.ProtocolName == "test"
    assert other.ProtocolName == "Måling for hjernen"


def test_japanese_letters_with_escapes_are_found(tmp_path):
    dataset = mr(SpecificCharacterSet=["", "ISO 2022 IR 87"], ProtocolName="山田")

    output = deidentified(dataset, tmp_path, mapping(PROTOCOL, {"山田": "test"}))

    assert output.ProtocolName == "test"


def test_text_that_the_vr_cannot_hold_is_not_written(tmp_path):
    dataset = mr(EchoTime=2.98, Columns=32)
    dataset.add_new(0x00189073, "FD", 1.5)

    output = deidentified(
        dataset,
        tmp_path,
        mapping("(0018,0081)", {"2.98": "long"}),
        Rule("(0018,9073)", "replace", "no number"),
        mapping(CODES, {"": "x"}),
    )

    assert output[0x00180081].is_empty
    assert output[0x00189073].is_empty


def test_everything_else_is_byte_for_byte_what_it_is_without_the_rule(tmp_path):
    dataset = mr(ProtocolName="ole h", SeriesDescription="T2")
    dataset.StudyInstanceUID, dataset.SOPInstanceUID = "1.2.3.4.5.6.7", "1.2.3.4.5.6.7.8"

    without = deidentified(dataset, tmp_path)
    ruled = deidentified(dataset, tmp_path, mapping(PROTOCOL, {"ole h": "anyone"}))

    del without.ProtocolName, ruled.ProtocolName
    assert ruled == without
    assert ruled.PixelData == without.PixelData


def test_images_of_a_series_that_repeat_and_differ_are_all_mapped(tmp_path):
    plan = compile_plan(
        identity=NOBODY, rules=[mapping(PROTOCOL, {"a": "first", "b": "second"}, "remove")]
    )
    became = []
    for number, value in enumerate(["a", "a", "b", "c", "a", "c", "b"]):
        source = write(mr(ProtocolName=value, InstanceNumber=number), tmp_path / f"{number}.dcm")
        rewrite(source, tmp_path / "out.dcm", plan)
        became.append(pydicom.dcmread(tmp_path / "out.dcm").get("ProtocolName"))

    assert became == ["first", "first", "second", None, "first", None, "second"]


def test_value_is_known_as_it_stands_and_as_the_plan_writes_it(tmp_path):
    dataset = mr(ProtocolName="T1 of 97975432312", StudyDate="20240312", patient_id="97975432312")
    cleaned = deidentified(dataset, tmp_path)
    assert cleaned.ProtocolName.strip() == "T1 of"

    output = deidentified(
        dataset,
        tmp_path,
        mapping(PROTOCOL, {cleaned.ProtocolName: "T1"}),
        mapping("(0008,0020)", {cleaned.StudyDate: "20000101"}),
    )

    assert output.ProtocolName == "T1"
    assert output.StudyDate == "20000101"


def test_what_the_table_does_not_name_is_never_less_than_the_plan_makes_of_it(tmp_path):
    dataset = mr(StudyDate="20240312", PatientAge="094Y", OperatorsName="Moen^Kari", Occupation="x")
    without = deidentified(dataset, tmp_path)

    output = deidentified(
        dataset,
        tmp_path,
        mapping("(0008,0020)", {"20230101": "20000101"}),
        mapping("(0010,1010)", {"001Y": "002Y"}),
        mapping("(0008,1070)", {"Somebody^Else": "one"}),
        mapping("(0010,2180)", {"fisher": "worker"}),
    )

    assert output == without
    assert output.StudyDate != dataset.StudyDate


def test_plan_keeps_marks_that_nobody_without_the_key_can_test(tmp_path):
    rule = mapping(PROTOCOL, {"Ole Hansen": "operator"})
    plan = compile_plan(identity=NOBODY, rules=[rule])
    data = json.loads(json.dumps(plan.as_data()))

    same = Rule(**data["rules"][0])

    assert same == rule
    assert "Hansen" not in json.dumps(data)
    assert mark_of("Ole Hansen") not in json.dumps(data)
    assert compile_plan(identity=NOBODY, rules=[same]).digest == plan.digest
    assert plan.digest != compile_plan(identity=NOBODY).digest


def test_rules_in_a_file_name_each_value_in_a_row(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text(
        "element,action,value,of,others\n"
        '"(0008,1070)",map,first,KHA,empty\n'
        '"(0008,103E)",remove,,,\n'
        '"(0008,1070)",map,second,Ole Å,\n',
        encoding="utf-8",
    )

    rules = read_rules(path)

    assert rules == [
        Rule.of_values("(0008,1070)", {"KHA": "first", "Ole Å": "second"}, "empty"),
        Rule("(0008,103E)", "remove"),
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('"(0008,1070)",map,one,KHA,empty\n"(0008,1070)",map,two,KHA,', "names each value once"),
        ('"(0008,1070)",map,one,KHA,empty\n"(0008,1070)",remove,,,', "either a map or another"),
        ('"(0008,1070)",map,one,A,empty\n"(0008,1070)",map,two,B,keep', "says once"),
        ('"(0008,1070)",map,,A,', "neither nothing nor several"),
        ('"(0008,1070)",map,x,A,guess', "What becomes of other values"),
        ('"(0008,1070)",replace,Kåre,,', "printable ASCII only"),
    ],
)
def test_file_with_a_map_that_cannot_be_is_refused_in_a_sentence(tmp_path, rows, sentence):
    path = tmp_path / "rules.csv"
    path.write_text(f"element,action,value,of,others\n{rows}\n", encoding="utf-8")

    with pytest.raises(UnknownProfile, match=sentence):
        read_rules(path)


def test_explanation_tells_of_the_map_and_of_no_value(tmp_path):
    source = write(mr(ProtocolName="ole h"), tmp_path / "in.dcm")
    lines = {}
    for value in ("ole h", "somebody else"):
        plan = compile_plan(
            identity=NOBODY, rules=[mapping(PROTOCOL, {value: "operator"}, "remove")]
        )
        lines[value] = next(
            line for line in Explainer(plan).explain(source) if line.keyword == "ProtocolName"
        )

    assert {value: (line.action, line.outcome) for value, line in lines.items()} == {
        "ole h": ("M", "changed"),
        "somebody else": ("M", "removed"),
    }
    assert lines["ole h"].because == "rule of the project: (0018,1030) map"


def test_what_the_rule_writes_is_no_leak_where_it_writes_it_and_one_elsewhere(tmp_path):
    source = write(
        mr(patient_name="Solbakken^Turid", ProtocolName="Ola", SeriesDescription="T1 Solbakken"),
        tmp_path / "in.dcm",
    )
    found = {}
    for name, rules in {
        "ruled": [mapping(PROTOCOL, {"Ola": "Solbakken"})],
        "both": [
            mapping(PROTOCOL, {"Ola": "Solbakken"}),
            Rule("(0008,103E)", "keep"),
        ],
    }.items():
        plan = compile_plan(identity=NOBODY, rules=rules)
        target = tmp_path / f"{name}.dcm"
        rewrite(source, target, plan)
        terms = SearchTerms(
            kept_tags=plan.kept_tags, written=plan.written_values, written_at=plan.written_at
        )
        terms.read(source)
        stored = SearchTerms.from_data(terms.as_data())
        found[name] = {
            (leak.kind, leak.path)
            for check in (LeakCheck(terms), LeakCheck(stored))
            for leak in check.examine(source, target)
        }

    assert found == {"ruled": set(), "both": {("name", "(0008,103E)")}}
