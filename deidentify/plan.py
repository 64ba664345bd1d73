"""The plan: a profile, its options, a project's rules and a participant, compiled once.

A plan is data: it can be shown, compared and stored with a transfer. Every file of the
participant is rewritten by the same plan, in any order, by any worker, to the same bytes.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from deidentify import dummies, mmiv, table
from deidentify.dates import draw_shift, possible_birth_dates, shift_da
from deidentify.decisions import ACTIONS, BIRTH_DATE, Decider, Decision, Where
from deidentify.elements import lookup
from deidentify.encoding import padded
from deidentify.errors import UnknownProfile
from deidentify.identity import Identity
from deidentify.keys import derive
from deidentify.profiles import BASIC_CODE, CODES, MMIV, Profile, choose
from deidentify.rules import Rule
from deidentify.uids import KeyedUids, is_well_known
from deidentify.version import ENGINE, VERSION
from deidentify.writes import ACCESSION_NUMBER, Write, standard_writes

STUDY_INSTANCE_UID = 0x0020000D


class Plan:
    """A compiled plan. Made by compile_plan; holds secrets, so it is never pickled or logged."""

    def __init__(
        self, profile: Profile, *, identity: Identity, options: Sequence[str], rules: Sequence[Rule]
    ) -> None:
        shift = identity.date_shift
        if shift is None:
            shift = draw_shift(identity.secret)
        if profile.name == MMIV and identity.date_shift is None:
            shift = mmiv.DATE_SHIFT
        if shift == 0 and profile.has("modified_dates"):
            # Dates moved by nothing are full dates, and are to be called so.
            columns = profile.columns - {"modified_dates"} | {"full_dates"}
            profile = replace(profile, columns=columns)
        self.profile = profile
        self.identity = identity
        self.options = tuple(options)
        self.rules = tuple(rules)
        self.days = shift
        self._uids = KeyedUids(derive(identity.secret, "uid"))
        # None where UIDs are made in another way.
        self.keyed_uids = None if profile.name == MMIV else self._uids
        self._digest_key = derive(identity.secret, "digest")
        self.writes: dict[int, Write] = (
            mmiv.writes(identity)
            if profile.name == MMIV
            else standard_writes(profile, identity, self.method_codes, shift)
        )
        ruled = {tag for tag in self.writes if any(r.path == (f"{tag:08x}",) for r in rules)}
        for tag in ruled:
            del self.writes[tag]
        over = frozenset(tag for tag, write in self.writes.items() if not write.if_absent)
        self._decider: Decider | mmiv.MmivDecider = (
            mmiv.MmivDecider(rules=rules, writes=over)
            if profile.name == MMIV
            else Decider(profile, rules=rules, writes=over)
        )
        self._written_over = over
        self.dummies = dummies.drawn(profile.name, identity.secret)
        self.written_values: frozenset[str] = frozenset(
            write.text for write in self.writes.values() if write.text
        )
        self.written_values |= {
            text.decode() for vr, text in self.dummies.items() if vr not in dummies.WIDTHS
        }
        self.written_values |= possible_birth_dates(profile.birth_date)
        # What a rule writes is no leak where it writes it, and may be one anywhere else.
        self.written_at: frozenset[tuple[str, str]] = frozenset(
            (rule.element, text) for rule in rules for text in rule.texts
        )
        # Whether the four UIDs of an instance stay, whatever the plan does with UIDs (delta.py).
        self.keeps_instance_uids = False
        # The tables and memories of the rewriting, filled while files pass (sessions.py).
        self.cache: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<Plan {self.profile.name} {self.digest[:12]}>"

    @property
    def method_codes(self) -> tuple[tuple[str, str], ...]:
        """CID 7050 codes and meanings of what this plan carries out on every instance."""
        if self.profile.name == MMIV:
            return ()  # the old table carries out no option to the letter
        return (
            BASIC_CODE,
            *(code for name, code in CODES.items() if self.profile.has(name)),
        )

    def decide(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """Return what becomes of an element and why; see decisions.Decider."""
        return self._decider.decide(where, tag, vr, creator)

    def underneath(self, where: Where, tag: int, vr: str, creator: str | None = None) -> Decision:
        """Return what would become of an element if the project had no rules of its own."""
        return self._unruled.decide(where, tag, vr, creator)

    @cached_property
    def _unruled(self) -> Decider | mmiv.MmivDecider:
        if self.profile.name == MMIV:
            return mmiv.MmivDecider(rules=(), writes=self._written_over)
        return Decider(self.profile, writes=self._written_over)

    def new_uid(self, original: str, apart: str = "") -> str:
        """Return what `original` becomes; well-known UIDs stay."""
        return self.uid_bytes(original.encode(), apart.encode()).decode()

    def uid_bytes(
        self, original: bytes, apart: bytes = b"", *, tag: int = 0, always: bool = False
    ) -> bytes:
        """The same on bytes without padding.

        Args:
            original: what stands there.
            apart: see KeyedUids.
            tag: matters to mmiv-2019 alone.
            always: also where the plan retains UIDs; for the rows that this option leaves out.
        """
        if is_well_known(original) or (self.profile.has("uids") and not always):
            return original
        if self.profile.name == MMIV:
            return mmiv.new_uid(original, tag, self.identity.project, self.profile.era, apart)
        return self._uids.of(original, apart)

    def shift_date(self, da: str) -> str:
        """Return a DA value moved by the participant's shift; "" if it is no date."""
        return shift_da(da.encode("latin-1", "replace"), self.days).decode()

    def short_digest(self, value: bytes, purpose: str) -> bytes:
        """Return 16 characters that stand for `value` under this participant's key."""
        return (
            hmac.digest(self._digest_key, purpose.encode() + b"\0" + value, "sha256")
            .hex()[:16]
            .upper()
            .encode()
        )

    def study_digest(
        self, study_instance_uid: bytes, tag: int, original: bytes, *, explicit: bool = True
    ) -> bytes:
        """Return the 16 characters written as Study ID or Accession Number of a study.

        Args:
            study_instance_uid: the original one.
            tag: which of the two.
            original: the value that stood there, for mmiv-2019, which hashes it.
            explicit: the file's VRs are written out; mmiv-2019 cuts nothing where they are not.
        """
        if self.profile.name != MMIV:
            return self.short_digest(study_instance_uid, f"{tag:08x}")
        era, project = self.profile.era, self.identity.project
        value = padded(original, "SH") if tag == ACCESSION_NUMBER else study_instance_uid
        return mmiv.hashed(value, project, tag, era, explicit=explicit)

    @property
    def of_originals(self) -> "Plan":
        """The plan for files that no run has touched; another one where this is for a copy."""
        return self

    @property
    def limits(self) -> list[list[str]]:
        """What it cannot do any more, as [element, name, sentence]; nothing where originals are."""
        return []

    def known_holes(self) -> tuple[str, ...]:
        """What this plan leaves open, in sentences for whoever chooses it; mostly nothing."""
        return mmiv.HOLES if self.profile.name == MMIV else ()

    def as_data(self) -> dict[str, Any]:
        """Return the plan without secrets or identity, ready for JSON."""
        return {
            "engine": ENGINE,
            "version": VERSION,
            "table": table.edition(),
            "profile": self.profile.name,
            "era": self.profile.era,
            "options": self.profile.option_names(),
            "rules": [rule.as_data() for rule in self.rules],
            "method_codes": [code for code, _ in self.method_codes],
            "dummies": dict(dummies.listed(self.profile.name)),
            "writes": sorted(f"{tag:08x}" for tag in self.writes),
            "actions": self._actions,
        }

    @cached_property
    def digest(self) -> str:
        """What names this plan: SHA-256 of its data."""
        # Imported late: most runs from the command line ask for no digest.
        import json

        text = json.dumps(self.as_data(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def kept_tags(self) -> frozenset[int]:
        """Listed elements that keep their values, which are therefore no leak."""
        kept = {int(tag, 16) for tag, action in self._actions.items() if action in "KT"}
        return frozenset(kept | {BIRTH_DATE} if self.profile.birth_date == "kept" else kept)

    @cached_property
    def _actions(self) -> dict[str, str]:
        """The letter of every public row of the table, where the IOD does not decide otherwise."""
        where = Where()
        listed = {}
        for name in table.rows():
            if name.isalnum() and "x" not in name and name != "private":
                found = lookup(int(name, 16))
                vr = found[0] if found else "UN"
                listed[name] = self.decide(where, int(name, 16), vr).action
        return listed


def compile_plan(
    profile: str = "research",
    *,
    identity: Identity,
    options: Sequence[str] = (),
    rules: Sequence[Rule] = (),
    cleaned_pixels: Collection[str] = (),
) -> Plan:
    """Compile a profile, options, rules and a participant into a plan.

    Args:
        profile: its name.
        identity: the participant.
        options: to be added to the profile's, or taken out.
        rules: of the project; they win over the profile.
        cleaned_pixels: options of profiles.PIXEL_OPTIONS that the caller carries out itself, on
            the pixels of every instance, and that may therefore be asked for and are written
            into Method Code Sequence.

    Raises:
        UnknownProfile: a profile, option or rule is not known, or the two exclude each other.
    """
    chosen = choose(profile, options, cleaned_pixels=cleaned_pixels)
    if not all(isinstance(rule, Rule) for rule in rules):
        raise UnknownProfile("Rules are given as Rule objects.")
    return Plan(chosen, identity=identity, options=options, rules=rules)


def describe(decision: Decision) -> str:
    """Return the decision in words."""
    return ACTIONS[decision.action]
