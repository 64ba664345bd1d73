"""Which rules may be made because of a finding, and what they then decide."""

import pytest

from deidentify.difference import differences
from deidentify.errors import UnknownProfile
from deidentify.identity import Identity
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from deidentify.ruling import REVIEWING, TAKING, plain_path, refusal, scopes
from tests.datasets import mr, write

MR = "1.2.840.10008.5.1.4.1.1.4"
NOBODY = Identity(project="BICAM", pseudonym="BICAM_001", secret=bytes(32), date_shift=-60)


@pytest.fixture(scope="module")
def plan():
    return compile_plan(identity=NOBODY)


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("(0010,4000)", {"element": "(0010,4000)"}),
        (
            "(0040,0275)[0](0040,0007)",
            {"element": "(0040,0007)", "way": "(0040,0275)(0040,0007)"},
        ),
        (
            '(0029,"SIEMENS (1) HEADER",20)',
            {
                "element": '(0029,"SIEMENS (1) HEADER",20)',
                "block": '(0029,"SIEMENS (1) HEADER",xx)',
            },
        ),
        ("file name", {}),
        ("preamble", {}),
        ("file meta (0002,0016)", {}),
        ('(0029,"",10)', {}),
        ("the whole instance", {}),
    ],
)
def test_rule_is_offered_for_the_element_its_place_and_its_block(path, offered):
    assert {scope.name: scope.element for scope in scopes(path)} == offered


@pytest.mark.parametrize(
    ("element", "actions", "sentence"),
    [
        ("(0008,0016)", TAKING, "makes the image what it is"),
        ("(7FE0,0010)", TAKING, "picture itself cannot be ruled away"),
        ("(0028,0010)", TAKING, "says how the picture is to be read"),
        ("(0010,0020)", TAKING, "written by de-identification itself"),
        ("(0002,0016)", TAKING, "belongs to the file itself"),
        ("(0018,0020)", ("remove", "empty"), "required in these images with a value"),
        ("(0020,0011)", ("remove",), "required in these images"),
        ("(0010,4000)", ("clean",), ""),
        ("(0008,1048)", ("clean",), "The plan does more than that"),
        ("(0010,4000)", ("keep", "shift", "uid", "replace"), "A rule made here can"),
        ("(0008,0020)", ("clean",), "The plan does more than that"),  # a date is shifted
        ('(0029,"SIEMENS CSA HEADER",xx)', ("clean", "empty", "dummy"), "can only be removed"),
        ('(0029,"SIEMENS CSA HEADER",20)', ("remove", "empty", "clean"), ""),
        ('(0029,"SIEMENS CSA HEADER",xx)', ("remove",), ""),
        ('(0031,"NOT KNOWN",20)', ("clean",), "The plan does more than that"),
    ],
)
def test_rule_that_would_do_harm_is_refused_in_a_sentence(plan, element, actions, sentence):
    for action in actions:
        said = refusal(Rule(element, action), plan, [MR])

        assert (sentence in said) if sentence else (said == "")


@pytest.mark.parametrize(
    ("rule", "vrs", "sentence"),
    [
        (Rule("(0018,1030)", "replace", "task 1"), (), ""),
        (Rule("(0018,1030)", "replace", " "), (), "Say what is to be written"),
        (
            Rule("(0018,1030)", "replace", "x" * 65),
            (),
            "does not fit ProtocolName: it holds at most",
        ),
        (Rule("(0008,0060)", "replace", "CT"), (), "makes the image what it is"),
        (Rule("(0018,0015)", "replace", "brain"), (), "it holds at most 16 capitals"),
        (Rule("(0018,0081)", "replace", "2.5"), (), ""),
        (Rule("(0018,0081)", "replace", "short"), (), "it holds a number"),
        (Rule("(0018,1030)", "replace", "ask kari@example.org"), (), "looks like an identifier"),
        (Rule("(0018,1030)", "replace", "97975432312"), (), "looks like an identifier"),
        (Rule("(0008,1155)", "replace", "1.2.3"), (), "holds UIDs"),
        (Rule('(0019,"SIEMENS MR HEADER",0C)', "replace", "1"), ("IS",), ""),
        (Rule('(0043,"GEMS_PARM_01",2A)', "replace", "1"), ("OB",), "holds no text"),
        (Rule('(0031,"NOT KNOWN",20)', "replace", "x"), ("LO",), "The plan does more than that"),
        (Rule.of_values("(0018,1030)", {"Ole": "one"}), (), ""),
        (
            Rule.of_values("(0018,1030)", {"Ole": "one"}, "keep"),
            (),
            "looks into ProtocolName already",
        ),
        (Rule.of_values("(0018,0081)", {"2.98": "3"}, "keep"), (), ""),
        (Rule.of_values("(0018,0020)", {"GR": "SE"}, "empty"), (), "required in these images with"),
        (Rule.of_values("(0020,0011)", {"1": "2"}, "remove"), (), "required in these images"),
        (Rule.of_values("(0018,1030)", {"Ole": "tlf 97 12 34 56"}), (), "looks like an identifier"),
    ],
)
def test_what_a_rule_of_the_review_may_write(plan, rule, vrs, sentence):
    said = refusal(rule, plan, [MR], allowed=REVIEWING, vrs=vrs)

    assert (sentence in said) if sentence else (said == "")


def test_rule_of_the_review_never_keeps_or_shifts(plan):
    for action in ("keep", "shift", "uid"):
        assert refusal(Rule("(0010,4000)", action), plan, [MR], allowed=REVIEWING)


def test_type_of_the_place_where_it_was_found_counts_as_well(plan):
    rule = Rule("(0008,1155)", "remove")

    said = refusal(rule, plan, [MR], found_at="(0008,1140)[2](0008,1155)")

    assert "required in these images with a value" in said


def test_path_without_item_numbers_is_what_rules_name():
    assert plain_path('(0008,1140)[3](0029,"A (B)",1F)') == '(0008,1140)(0029,"A (B)",1F)'


@pytest.mark.parametrize(
    ("element", "way", "covers"),
    [
        ("(0008,103E)", ("0008103e",), True),
        ("(0008,103E)", ("00400275", "0008103e"), True),
        ("(0040,0275)(0008,103E)", ("00400275", "0008103e"), True),
        ("(0040,0275)(0008,103E)", ("0008103e",), False),
        ('(0029,"C",xx)', ('0029"c"20',), True),
        ('(0029,"C",xx)', ('0029"d"20',), False),
        ('(0029,"C",xx)', ("00290010",), False),
    ],
)
def test_what_a_rule_covers(element, way, covers):
    assert Rule(element, "remove").covers(way) is covers


def test_block_stands_at_the_end_of_a_way_only():
    with pytest.raises(UnknownProfile, match="whole private block only at its end"):
        Rule('(0029,"C",xx)(0008,103E)', "remove")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """An image with two kept private elements of one block and one of another."""
    dataset = mr(ImageComments="Quiet", SeriesDescription="T1 MPRAGE")
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "1000")
    block.add_new(0x0E, "FD", [0.1, 0.2, 0.3])
    dataset.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2A, "OB", b"\1\2\3\4")
    return write(dataset, tmp_path_factory.mktemp("original") / "in.dcm")


def changed_by(original, tmp_path, *rules):
    outputs = []
    for name, given in (("before", ()), ("after", rules)):
        plan = compile_plan(identity=NOBODY, rules=[Rule(*rule) for rule in given])
        outputs.append(tmp_path / f"{name}.dcm")
        rewrite(original, outputs[-1], plan)
    # Method codes and the like are the same: a rule writes nothing of itself into the image.
    return {(path, what) for path, _, what in differences(*outputs)}


def test_rule_for_a_block_removes_all_of_it_and_nothing_else(original, tmp_path):
    changes = changed_by(original, tmp_path, ('(0019,"SIEMENS MR HEADER",xx)', "remove"))

    assert changes == {
        ('(0019,"SIEMENS MR HEADER",0C)', "removed"),
        ('(0019,"SIEMENS MR HEADER",0E)', "removed"),
    }


def test_rule_of_an_element_wins_over_that_of_its_block(original, tmp_path):
    changes = changed_by(
        original,
        tmp_path,
        ('(0019,"SIEMENS MR HEADER",xx)', "remove"),
        ('(0019,"SIEMENS MR HEADER",0E)', "keep"),
    )

    assert changes == {('(0019,"SIEMENS MR HEADER",0C)', "removed")}


def test_difference_tells_emptied_from_changed_and_removed(original, tmp_path):
    changes = changed_by(
        original,
        tmp_path,
        ("(0020,4000)", "empty"),
        ("(0008,103E)", "dummy"),
        ('(0043,"GEMS_PARM_01",2A)', "remove"),
    )

    assert changes == {
        ("(0020,4000)", "emptied"),
        ("(0008,103E)", "changed"),
        ('(0043,"GEMS_PARM_01",2A)', "removed"),
    }
