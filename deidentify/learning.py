"""Learning the steps of a plan: asked once for each kind of element, looked up ever after.

A Rewriter belongs to a plan and holds its tables.
"""

from collections.abc import Callable
from functools import partial

from deidentify.changes import FIGURES, Met, NewUids, change_of, changed, repaired_charset
from deidentify.content import CONTENT, CONTENT_VALUES, ENCAPSULATED_DOCUMENT
from deidentify.decisions import PIXELS as PIXEL_TAGS
from deidentify.decisions import Decision, part
from deidentify.elements import ALL_VRS, LONG_VRS, lookup, named
from deidentify.encoding import (
    ITEM,
    ITEM_END,
    UNDEFINED,
    encode,
    encode_items,
    header,
    padded,
    unpack_implicit,
    unpack_length,
    unpack_short,
)
from deidentify.errors import Refused
from deidentify.identifying import kind_of
from deidentify.mapping import mapped
from deidentify.pixel_data import ANY_OVERLAY, OVERLAY_BIT_POSITION
from deidentify.plan import Plan
from deidentify.private_elements import true_vr
from deidentify.sessions import MOST_SESSIONS, Identifying, Session
from deidentify.states import (
    CARRIED,
    CHARSET,
    COLLECT,
    CONCEPT,
    CONSTANT,
    CREATOR,
    CROSS,
    DROP,
    ENTER,
    FOUND,
    ITEM_OVER,
    JOIN,
    LATE,
    LONG_CONSTANT,
    LONG_KEEP,
    LONG_VALUE,
    PIXELS,
    PRIVATE,
    VALUE,
    State,
    Step,
)
from deidentify.stored_text import stored
from deidentify.uids import CLASS_UIDS
from deidentify.under_way import UnderWay
from deidentify.writes import ACCESSION_NUMBER, MANUFACTURER

SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E
PATIENT_ID = 0x00100020
SPECIFIC_CHARACTER_SET = 0x00080005
INSTANCE_UIDS = frozenset(
    {SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID}
)
RESULT_TAGS = INSTANCE_UIDS | {ACCESSION_NUMBER, MANUFACTURER, PATIENT_ID}
NUMBER_WIDTHS = {
    "US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "AT": 4, "SV": 8, "UV": 8,
}  # fmt: skip


LEAST_WINDOW = 16 * 1024
MOST_REPLACED = 10_000


class Repeated(dict[tuple[object, ...], bytes]):
    """What is written into file after file, under all that it depends on. Bounded."""

    def keep(self, key: tuple[object, ...], new: bytes) -> None:
        if len(self) >= MOST_REPLACED:
            self.clear()
        self[key] = new


# Told of every element, with where it begins; a private creator is decided by what follows it.
Listener = Callable[[UnderWay, State, int, Met, tuple[Decision, Step] | None], None]


class Rewriter:
    """A plan's tables of steps.

    With a listener nothing is remembered, so that it is told of every element (explain.py).
    """

    def __init__(self, plan: Plan, listener: Listener | None = None) -> None:
        self.plan = plan
        self.listener = listener
        self.writes = sorted(
            (tag, write) for tag, write in plan.writes.items() if not write.if_present
        )
        self._encoded = {
            explicit: [write.element(tag, explicit=explicit) for tag, write in self.writes]
            for explicit in (True, False)
        }
        self._sessions: dict[Identifying, Session] = {}
        self.last: dict[Identifying, Session] = {}
        self.elements = Repeated()
        self.window = LEAST_WINDOW

    def session(self, key: Identifying, more: Identifying) -> Session:
        """The session of a patient of whom `key` is known, `more` of it from other files."""
        found = self._sessions.get(key)
        if found is None:
            if len(self._sessions) >= MOST_SESSIONS:
                self._sessions.clear()
                self.last.clear()
            found = self._sessions[key] = Session(self.plan, key)
        self.last[more] = found
        return found

    # -- what is written ---------------------------------------------------------------------

    def cross(self, walk: UnderWay, state: State, tag: int) -> State:
        """Write what belongs before `tag`; return the state behind it."""
        written = state.written
        while written < len(self.writes) and self.writes[written][0] < tag:
            self._write(walk, state.explicit, written)
            written += 1
        return state.crossed(written)

    def finish(self, walk: UnderWay, state: State) -> None:
        """Write what is still to be written at the end of the data set."""
        for written in range(state.written, len(self.writes)):
            self._write(walk, state.explicit, written)

    def _write(self, walk: UnderWay, explicit: bool, number: int) -> None:
        tag, write = self.writes[number]
        if write.of_study or write.if_absent or write.of_instance:
            walk.late.append((len(walk.chunks), tag))
            walk.chunks.append(b"")
        else:
            walk.chunks.append(self._encoded[explicit][number])
        walk.changed["W"] += 1

    # -- learning ----------------------------------------------------------------------------

    def learn(
        self, walk: UnderWay, state: State, position: int, limit: int, *, anew: bool = False
    ) -> Step:
        """Decide about an element met for the first time in a state, and keep the step.

        Args:
            walk: on its way.
            state: it is in.
            position: of the element.
            limit: where what holds it ends.
            anew: what is known of its first bytes is a passage that does not stand here.

        Raises:
            Refused: what stands there is no element, or reaches past what holds it.
        """
        if position + 8 > limit:
            walk.depth = len(state.where.tags)
            return self._no_element(walk, position, limit, "truncated")
        buffer = walk.window.need(position + 8)
        head = buffer[position : position + 8]
        known = state.table.get(head)
        if known is not None and not anew:  # the window ended in the middle of the eight bytes
            return known
        walk.depth = len(state.where.tags)
        met = self._read(walk, state, position, limit)
        tag, start, length = met.tag, met.start, met.length
        if not met.vr:
            return self._no_element(walk, position, limit, "bad-structure")
        if tag >> 16 == 0xFFFE:
            if head == ITEM_END and state.where.tags:
                state.learn(head, (ITEM_OVER,))
                return (ITEM_OVER,)
            return self._no_element(walk, position, limit, "bad-structure")
        if length != UNDEFINED and position + start + length > limit:
            return self._no_element(walk, position, limit, "truncated")
        if not state.where.tags and self._before(state, tag):
            step: Step = (CROSS, tag)
            if not (state.explicit and start == 12):
                state.learn(head, step)
            return step
        step, is_lasting = self._step(walk, state, position, met)
        if is_lasting and self.listener is None:
            state.learn(head, step)
        return step

    def _before(self, state: State, tag: int) -> bool:
        return state.written < len(self.writes) and self.writes[state.written][0] < tag

    def _no_element(self, walk: UnderWay, position: int, limit: int, code: str) -> Step:
        if walk.past_pixels and not walk.depth:
            # Bytes after the data set: nobody's element, so they do not go along.
            return (CONSTANT, limit - position, b"", "X")
        if walk.depth and code == "truncated":
            code = "bad-length"
        raise Refused(code)

    def _read(self, walk: UnderWay, state: State, position: int, limit: int) -> Met:
        """Return what stands there; its VR is "" if it is no element."""
        buffer = walk.window.buffer
        if not state.explicit:
            group, element, length = unpack_implicit(buffer, position)
            found = lookup(group << 16 | element)
            return Met(group << 16 | element, found[0] if found else "UN", 8, length)
        group, element, code, length = unpack_short(buffer, position)
        tag = group << 16 | element
        if group == 0xFFFE:
            return Met(tag, "UN", 8, 0)
        vr = code.decode("latin-1")
        if vr not in ALL_VRS:
            return Met(tag, "", 8, 0)
        if vr not in LONG_VRS:
            return Met(tag, vr, 8, length)
        if position + 12 > limit:
            return Met(tag, "", 12, 0)
        buffer = walk.window.need(position + 12)
        return Met(tag, vr, 12, unpack_length(buffer, position + 8)[0])

    def _step(self, walk: UnderWay, state: State, position: int, met: Met) -> tuple[Step, bool]:
        """Return the step for an element and whether its first eight bytes always mean it."""
        tag, vr, start, length = met.tag, met.vr, met.start, met.length
        group = tag >> 16
        explicit = state.explicit
        is_private = bool(group & 1)
        if is_private and 0x10 <= tag & 0xFFFF <= 0xFF:
            # A value longer than LO allows is no creator that any list could name.
            if self.listener:
                self.listener(walk, state, position, met, None)
            return (CREATOR, start + length, group << 8 | tag & 0xFF, start), start == 8
        block = group << 8 | (tag >> 8 & 0xFF)
        creator = state.creators.get(block) if is_private else None
        meant = self._meant(walk, position, met, creator)
        decision = self.plan.decide(state.where, tag, meant, creator)
        met = met._replace(meant=meant, creator=creator)
        if tag in INSTANCE_UIDS and not walk.depth and meant != "UI":
            raise Refused("bad-uid", named(tag))
        step = self._inner(state, decision, met)
        if self.listener:
            self.listener(walk, state, position, met, (decision, step))
        is_document = tag == ENCAPSULATED_DOCUMENT and not decision.by_rule
        if is_document or (tag in CONTENT and decision.action == "Q"):
            step = (CARRIED, tag, step)
        if not isinstance(step, int) and step[0] == JOIN:
            step = (CARRIED, tag, step)
        if is_private and decision.action != "X":
            step = (PRIVATE, block, step)
        kind = kind_of(tag, meant, state.where.tags)
        is_short = explicit and start == 8
        if kind and length != UNDEFINED:
            step = (COLLECT, kind, start, is_short, step)
        if tag in CONTENT_VALUES and state.where.tags and length != UNDEFINED:
            step = (CONCEPT, tag, start, is_short, step)
        drawn = tag & ANY_OVERLAY == OVERLAY_BIT_POSITION and decision.action not in "KTL"
        if not state.where.tags and (tag in RESULT_TAGS or drawn):
            step = (FOUND, tag, start, is_short, step)
        if tag == SPECIFIC_CHARACTER_SET:
            if meant != "CS":
                raise Refused("unreadable", "SpecificCharacterSet")
            if decision.action == "K" and start == 8:
                change = partial(changed, repaired_charset, met, explicit)
                step = (VALUE, start + length, change, "K")
            step = (CHARSET, tag, start, is_short, step)
        # In the long form the length is not among the eight bytes; nor may a sequence that was
        # guessed from the content stand for the next element of that tag.
        is_guessed = vr == "UN" and (meant == "SQ" or not is_private) and meant != "UN"
        is_counted = start == 12 and vr in NUMBER_WIDTHS
        return step, (start == 8 or explicit) and not is_guessed and not is_counted

    def _meant(self, walk: UnderWay, position: int, met: Met, creator: str | None) -> str:
        """The VR that an element stored as UN really has."""
        tag, vr, start, length = met.tag, met.vr, met.start, met.length
        if vr != "UN":
            return vr
        if length == UNDEFINED:
            return "SQ"
        if not tag >> 16 & 1:
            found = lookup(tag)
            return found[0] if found else "UN"
        if length >= 8:
            buffer = walk.window.need(position + start + 8)
            inside = position + start
            if buffer[inside : inside + 4] == ITEM:
                (size,) = unpack_length(buffer, inside + 4)
                if size == UNDEFINED or size + 8 <= length:
                    return "SQ"
        vr = true_vr(tag >> 16, creator, tag) if creator else "UN"
        return "UN" if vr == "SQ" else vr

    def _inner(self, state: State, decision: Decision, met: Met) -> Step:
        """The step for a decision, without what has to be remembered on the way."""
        tag, vr, start, length, meant, creator = met
        action = decision.action
        explicit = state.explicit
        whole = start + length
        if meant == "SQ" or (length == UNDEFINED and tag not in PIXEL_TAGS):
            if vr not in ("SQ", "UN") and length == UNDEFINED:
                raise Refused("bad-structure", named(tag))
            child = state.child(
                part(tag, creator), tag, explicit=explicit and vr == "SQ", strict=action == "R"
            )
            if action in ("Q", "R", "K", "C", "T", "B", "U", "A", "S", "G"):
                write = self.plan.writes.get(tag)
                if write is not None and write.items and not state.where.tags:
                    item = encode_items(write.encoded_items(explicit=child.explicit))
                    return (JOIN, start, child, item)
                return (ENTER, start, child)
            if action == "W":
                return (DROP, start, child, self._if_present(tag, explicit))
            replacement = header(tag, vr, 0, explicit=explicit) if action in "ZD" else b""
            return (DROP, start, child, replacement)
        if tag in PIXEL_TAGS:
            return (PIXELS, start)
        if tag == SOP_INSTANCE_UID and not state.where.tags and action == "U":
            return (LATE, whole, tag)
        if action == "L":
            return (LONG_KEEP,) if start == 12 else whole
        if action == "K" and length and meant in FIGURES:
            action = "F"
        if action == "K" and length % NUMBER_WIDTHS.get(meant, 1):
            action = "Z"  # no numbers, whatever else stands there
        if action == "K" or (length == 0 and action not in "XW"):
            return (LONG_KEEP,) if start == 12 else whole
        constant: bytes | None = None
        if action == "X":
            constant = b""
        elif action == "Z":
            constant = header(tag, vr, 0, explicit=explicit)
        elif action == "W":
            constant = self._if_present(tag, explicit)
            if decision.value:  # what the VR cannot hold is not written; the old value goes anyway
                text = stored(meant, decision.value) or b""
                constant = encode(tag, vr, padded(text, meant), explicit=explicit)
        if constant is not None:
            return (LONG_CONSTANT if start == 12 else CONSTANT, whole, constant, action)
        if decision.table is not None:
            value = mapped(self.plan, state.where, met, decision.table, explicit=explicit)
        elif action == "U" and vr == "UI" and tag not in CLASS_UIDS:
            value = NewUids(self.plan, met, explicit)
        else:
            change = change_of(self.plan, state.where, action, tag, meant)
            value = partial(changed, change, met, explicit)
        return (LONG_VALUE if start == 12 else VALUE, whole, value, action)

    def _if_present(self, tag: int, explicit: bool) -> bytes:
        write = self.plan.writes.get(tag)
        return write.element(tag, explicit=explicit) if write and write.if_present else b""


def rewriter_of(plan: Plan) -> Rewriter:
    """Return the plan's rewriter, made once."""
    found = plan.cache.get("rewriter")
    if not isinstance(found, Rewriter):
        found = plan.cache["rewriter"] = Rewriter(plan)
    return found
