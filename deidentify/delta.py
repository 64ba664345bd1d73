"""A plan for what an earlier run has made already: only what it left undone is done.

When the originals are gone, a newer plan can still take things away from the research copy. What
was replaced by something that cannot be told from an original any more, a UID or a date, is never
replaced again: it stays as the first run wrote it. What was taken cannot come back, and what only
an original could be made into is not made of the copy; `limits` says both in words.

A delta plan is a Plan like any other, and takes the same way. It is compiled from all plans that
the copy has been through: the first, under which it was made of the originals, and any that went
over it since.

Source: DICOM PS3.15 E.1.1 (what each action does) and E.3.6 (dates that were moved once).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from deidentify import mmiv
from deidentify.decisions import Decision, Where, part
from deidentify.elements import lookup
from deidentify.errors import UsageError
from deidentify.limits import limits
from deidentify.plan import Plan
from deidentify.profiles import MMIV, Profile
from deidentify.uids import is_drawn
from deidentify.version import ENGINE, VERSION
from deidentify.writes import Write

LEFT = "L"
"""The letter of what stays byte for byte as the copy has it."""
CONSTANTS = frozenset("XZ")
"""Done whatever was done before: doing so twice changes nothing."""
ONCE = frozenset("USN")
"""Made of an original alone: from what these wrote, the same would be made once more."""
REPLACED = frozenset("XZDWEUSNYRM")
"""After these, no original is left that could be cleaned."""
IN_PLACE = frozenset("CTABGPEH")
"""What goes over a value that stays. Over one that was replaced it would only do harm."""
CUT = ("year", "january")
"""Policies under which the birth date was cut already."""
DATES = frozenset({"full_dates", "modified_dates"})
TO_ORIGINALS = DATES | {"uids", "pixel_data", "visual_features"}
"""Options whose outcome a run over the copy leaves as it is."""
DONE = "; an earlier run did it"
TOO_LATE = "; only an original can be made into that, so it stays as it was"
METHOD = 0x00120063
KEEPING = frozenset({"keep", "clean", "map"})
"""Rules that leave the value, or a part of it, where it is."""


def delta_plan(earlier: Sequence[Plan], newer: Plan) -> "DeltaPlan":
    """Return the plan that brings a research copy from the earlier plans to the newer one.

    Args:
        earlier: what the copy has been through, the first run's plan first.
        newer: what a run from the originals would go by now; the same participant's.

    Raises:
        UsageError: one of them, and not all, is mmiv-2019, whose UIDs and dates are others.
    """
    return DeltaPlan(earlier, newer)


class DeltaPlan(Plan):
    """What `delta_plan` compiles; see there."""

    def __init__(self, earlier: Sequence[Plan], newer: Plan) -> None:
        names = {plan.profile.name for plan in (*earlier, newer)}
        if MMIV in names and len(names) > 1:
            raise UsageError(
                f"Between {MMIV} and another profile, UIDs and dates differ; a run over the "
                "research copy changes neither. Bring the study in again."
            )
        profile = _what_holds([plan.profile for plan in earlier], newer.profile)
        super().__init__(profile, identity=newer.identity, options=newer.options, rules=newer.rules)
        self.keeps_instance_uids = True
        self.earlier = tuple(earlier)
        self.newer = newer
        self._strict: dict[tuple[str, tuple[str, ...]], tuple[bool, ...]] = {}
        self.writes = self._rewritten(self.writes)
        for plan in (*earlier, newer):
            self.written_values |= plan.written_values
            self.written_at |= plan.written_at

    def decide(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """Return what is still to be done to an element; see plan.Plan.decide."""
        plans = (*self.earlier, self.newer)
        inside = self._strict.get(
            (where.sop_class_uid, where.parents), (where.strict,) * len(plans)
        )
        made = [
            plan.decide(replace(where, strict=strict), tag, vr, creator)
            for plan, strict in zip(plans, inside, strict=True)
        ]
        *done, wanted = made
        if vr == "SQ":
            below = (where.sop_class_uid, (*where.parents, part(tag, creator)))
            self._strict[below] = tuple(
                strict or one.action == "R" for strict, one in zip(inside, made, strict=True)
            )
            is_settled = wanted.action in "XZDQR" or (wanted.action == "W" and tag in self.writes)
            return wanted if is_settled else wanted._replace(action="Q")
        if wanted.action == "W" and not wanted.value:
            is_here = not where.tags and tag in self.writes
            return wanted if is_here else _left(wanted)
        if wanted.action in CONSTANTS or wanted.action == "W":
            return wanted
        return self._over(done, wanted, vr)

    def underneath(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """What a map does not name stays as the copy has it, but for what can still be cleaned."""
        return Decision("K", "an earlier run did what the plan does")

    def _over(self, done: list[Decision], wanted: Decision, vr: str) -> Decision:
        """Settle what goes over a value of which something is left."""
        letters = {_letter(one) for one in done}
        if wanted.action == "K":
            return _left(wanted)
        if wanted.action == "Y":
            return self._birth_date(letters, wanted)
        if wanted.action in ONCE:
            if "S" in letters and vr == "DT" and self.newer.profile.coarse_times:
                return wanted._replace(action="H")
            return _left(wanted, DONE if letters & REPLACED else TOO_LATE)
        if any(_is_same(one, wanted) for one in done):
            return _left(wanted)
        if wanted.action in IN_PLACE and letters & REPLACED:
            is_coarser = wanted.action == "H" and not letters & (REPLACED - {"S"})
            return wanted if is_coarser else _left(wanted)
        if wanted.action == "T" and "C" in letters:
            return _left(wanted)
        return wanted

    def _birth_date(self, letters: set[str], wanted: Decision) -> Decision:
        """A birth date that was kept whole is emptied: to cut it, true dates would be needed."""
        was_cut = "Y" in letters and any(p.profile.birth_date in CUT for p in self.earlier)
        if was_cut or letters & (REPLACED - {"Y"}) or self.newer.profile.birth_date == "kept":
            return _left(wanted)
        return wanted._replace(action="Z")

    def _rewritten(self, writes: dict[int, Write]) -> dict[int, Write]:
        """Return what is written over the copy: what is the same in every instance."""
        rewritten = {
            tag: write
            for tag, write in writes.items()
            if not (write.of_study or write.if_absent or write.if_present)
            and tag in self.newer.writes  # else it decides about what stands there
        }
        names = list(dict.fromkeys(plan.profile.name for plan in (*self.earlier, self.newer)))
        if METHOD in rewritten:
            if len(names) == 1:
                del rewritten[METHOD]  # what the first run wrote is still true
            else:
                methods = [f"{ENGINE} {name}" for name in names[:-1]]
                rewritten[METHOD] = Write(
                    "LO", "\\".join([*methods, f"{ENGINE} {VERSION} {names[-1]}"])
                )
        return rewritten

    def uid_bytes(
        self, original: bytes, apart: bytes = b"", *, tag: int = 0, always: bool = False
    ) -> bytes:
        """As plan.Plan.uid_bytes, but for UIDs that were drawn before: they stay."""
        if is_drawn(original) or original.startswith(mmiv.ROOT):
            return original
        return super().uid_bytes(original, apart, tag=tag, always=always)

    def as_data(self) -> dict[str, Any]:
        """Return the plan as data, with the digests of what went before."""
        return {**super().as_data(), "over": [plan.digest for plan in self.earlier]}

    @property
    def of_originals(self) -> Plan:
        """The newer plan itself: for images that came in too late to be in the copy."""
        return self.newer

    @cached_property
    def limits(self) -> list[list[str]]:
        """What the newer plan asks for and a copy cannot give; see limits.limits."""
        return limits(self.earlier, self.newer)

    @cached_property
    def may_be_too_late(self) -> bool:
        """Whether some element may be there that only an original could be made into something."""
        was = [plan.profile for plan in self.earlier]
        is_turned = all(profile.has("uids") for profile in was) and not self.newer.profile.has(
            "uids"
        )
        is_moved = all(profile.has("full_dates") for profile in was)
        before = {rule for plan in self.earlier for rule in plan.rules}
        withdrawn = (rule.action for rule in before.difference(self.newer.rules))
        new = (rule.action for rule in set(self.newer.rules) - before)
        is_ruled = not KEEPING.isdisjoint(withdrawn) or not {"uid", "shift"}.isdisjoint(new)
        return is_turned or is_moved or is_ruled

    @cached_property
    def kept_tags(self) -> frozenset[int]:
        """Listed elements whose original values are still there and may be."""
        kept = self.newer.kept_tags
        for plan in self.earlier:
            kept &= plan.kept_tags
        return kept

    @cached_property
    def no_longer_kept(self) -> frozenset[int]:
        """Listed elements that the copy still has as the originals had them, and is to lose."""
        had = frozenset.intersection(*(plan.kept_tags for plan in self.earlier))
        lost = had - self.newer.kept_tags
        return frozenset(
            tag for tag in lost if self.decide(Where(), tag, vr_of(tag)).action != LEFT
        )


def vr_of(tag: int) -> str:
    """Return the VR of the data dictionary."""
    found = lookup(tag)
    return found[0] if found else "UN"


def is_too_late(because: str) -> bool:
    """Tell of a decision's reason whether the plan wanted what cannot be made of a copy."""
    return because.endswith(TOO_LATE)


def _left(wanted: Decision, why: str = DONE) -> Decision:
    return Decision(LEFT, wanted.because + why)


def _letter(done: Decision) -> str:
    """Return the letter of what was done; of a map, whether values that it does not name stay."""
    return "K" if done.table is not None and done.table.others == "keep" else done.action


def _is_same(one: Decision, other: Decision) -> bool:
    return (one.action, one.value, one.table) == (other.action, other.value, other.table)


def _what_holds(earlier: Sequence[Profile], newer: Profile) -> Profile:
    """Return the newer profile with the options of which a copy can still be said to be made.

    What an option kept, and the newer profile does not, goes now; what one of the earlier did not
    keep is not there. UIDs and pixels stay as they are. So do dates, while any are wanted.
    """
    columns = set(earlier[0].columns)
    for profile in (*earlier[1:], newer):
        has_dates = bool(profile.columns & DATES)
        columns = {
            column
            for column in columns
            if column in profile.columns
            or (column in TO_ORIGINALS and (has_dates or column not in DATES))
        }
    return replace(newer, columns=frozenset(columns))
