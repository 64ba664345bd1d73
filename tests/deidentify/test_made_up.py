"""Made-up data sets against the plan: each element as decided, nothing else added, no plant left.

What a value must become is worked out here from the decision's letter alone.
"""

import re
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from deidentify.decisions import Where, part
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.uids import CLASS_UIDS, names_a_class
from tests.deidentify.made_up import PLANTS, TEXTS, filed, instances
from tests.deidentify.samples import MR, identity

# Values too long for their VR are made up on purpose; pydicom says so each time.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

LEFT = re.compile(rb"(?i)kvamsdal|ingeborg|hn4482913")
PLANS = (
    ("research", ()),
    ("basic", ()),
    ("research", ("retain-uids", "full-dates")),
    ("research", ("retain-institution-identity", "no-clean-descriptors", "no-retain-safe-private")),
    ("mmiv-2019", ()),
)
EASY = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
]


@cache
def plan(number):
    profile, options = PLANS[number]
    return compile_plan(profile, identity=identity(), options=options)


def moved(value, days):
    """DA values moved; beyond the calendar nothing is left."""
    new = []
    for one in value.split(b"\\"):
        try:
            day = date(int(one[:4]), int(one[4:6]), int(one[6:8])) + timedelta(days)
            new.append(b"%04d%02d%02d" % (day.year, day.month, day.day))
        except OverflowError:
            new.append(b"")
    return b"\\".join(new)


def stored(dataset, tag):
    """The bytes of a value in the output, without padding."""
    found = dataset.get_item(tag)
    value = found.value or b""
    return value if isinstance(value, bytes) else str(value).encode()


def check(elements, output, made, where):
    """Check one data set of the output against the elements that it was made of."""
    source = {one.tag for one in elements}
    for one in elements:
        if one.tag >> 16 & 1 and one.creator is None:
            continue  # creators are looked at with what they vouch for
        if one.tag == 0x00080005:
            continue  # put right where no reader would know it
        decision = made.decide(where, one.tag, one.vr, one.creator)
        what = f"{one.tag:08x} {one.vr} {decision}"
        if decision.action == "X":
            assert one.tag not in output, what
            continue
        if decision.action == "W" or (not where.tags and one.tag in made.writes):
            continue
        assert one.tag in output, what
        if one.creator:
            block = one.tag >> 16 << 16 | one.tag >> 8 & 0xFF
            assert stored(output, block).decode().strip() == one.creator
        if isinstance(one.value, tuple):
            sequence(one, output, made, where, decision, what)
        else:
            value(one.vr, one.value, stored(output, one.tag), made, decision, what)
    added = set(map(int, output.keys())) - source
    assert not added if where.tags else added <= set(made.writes), [f"{tag:08x}" for tag in added]


def sequence(one, output, made, where, decision, what):
    if decision.action == "Z":
        assert not output[one.tag].value, what
        return
    inside = Where(
        parents=(*where.parents, part(one.tag, one.creator)),
        tags=(*where.tags, one.tag),
        sop_class_uid=where.sop_class_uid,
        strict=where.strict or decision.action == "R",
    )
    assert len(output[one.tag].value) == len(one.value), what
    for item, new in zip(one.value, output[one.tag].value, strict=True):
        check(item, new, made, inside)


def value(vr, old, new, made, decision, what):
    """Check one value that the plan keeps in some form."""
    letter = decision.action
    bare, new_bare = old.rstrip(b" \0"), new.rstrip(b" \0")
    if not bare and letter in "KCTSUABZ":
        assert not new_bare, what
    elif letter == "K" or (letter == "B" and not LEFT.search(old)):
        assert new == old, what
    elif letter == "Z":
        assert not new_bare, what
    elif letter == "D":
        assert new_bare or not new.strip(b"\0"), what
        assert len(new) % 2 == 0, what
    elif letter == "U":
        uids = [one.strip(b" \0") for one in bare.split(b"\\")]
        tag = int(what[:8], 16)
        wanted = b"\\".join(
            uid
            if tag in CLASS_UIDS and names_a_class(uid)
            else made.uid_bytes(uid, tag=tag, always=True)
            for uid in uids
        )
        assert new_bare == wanted, what
    elif letter == "S" and vr == "DA":
        assert new_bare == moved(bare, made.days).rstrip(b"\\") or b"\\" in bare, what
    elif letter == "S" and vr == "DT" and b"\\" not in bare and bare[:4] > b"0002":
        assert new_bare == moved(bare[:8], made.days) + bare[8:], what
    elif letter == "A" and b"\\" not in bare:
        assert new_bare == (b"090Y" if bare[:3] >= b"090" else bare), what
    elif letter in "CT" and vr in TEXTS:
        if not any(plant.encode() in old for plant in PLANTS):
            assert new == old, what
        else:
            kept = new_bare.split()
            assert [word for word in bare.split() if word in kept], what


def rewritten(tmp_path, elements, explicit, made):
    source, target = tmp_path / "source.dcm", tmp_path / "target.dcm"
    source.write_bytes(filed(elements, explicit=explicit))
    rewrite(source, target, made, digest=False)
    return target


def judged(tmp_path, instance, made):
    elements, explicit = instance

    target = rewritten(tmp_path, elements, explicit, made)

    assert not LEFT.search(target.read_bytes())
    check(elements, dcmread(target), made, Where(sop_class_uid=MR))
    assert all(found.VR for found in dcmread(target).iterall())


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=EASY)
@given(instance=instances(), number=st.integers(0, len(PLANS) - 1))
def test_made_up_instances_become_what_the_plan_says(tmp_path, instance, number):
    judged(tmp_path, instance, plan(number))


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, suppress_health_check=EASY)
@given(instance=instances(), number=st.integers(0, len(PLANS) - 1))
def test_many_made_up_instances_become_what_the_plan_says(tmp_path, instance, number):
    judged(tmp_path, instance, plan(number))
