"""What is remembered between files, about one patient.

A Session belongs to what is known about one patient: whatever was made of a value once is made
of it in every file, and never with somebody else's names.
"""

from deidentify.clean import Cleaner
from deidentify.decisions import Where
from deidentify.passages import Series
from deidentify.plan import Plan
from deidentify.states import State
from deidentify.vocabulary import Term

MOST_SESSIONS = 16
MOST_ROOTS = 64
MOST_SERIES = 16

Identifying = frozenset[Term]


class Session:
    """What is known about one patient, and what was made of the values seen so far.

    Args:
        plan: of the participant.
        key: every identifying value that is known.
    """

    def __init__(self, plan: Plan, key: Identifying) -> None:
        self.key = key
        self.cleaner = Cleaner(plan, key)
        self._roots: dict[tuple[bool, str], State] = {}
        self._series: dict[tuple[int, bytes], Series] = {}

    def root(self, *, explicit: bool, sop_class_uid: str) -> State:
        """The state at the beginning of a data set."""
        key = (explicit, sop_class_uid)
        found = self._roots.get(key)
        if found is None:
            if len(self._roots) >= MOST_ROOTS:
                self._roots.clear()
                self._series.clear()
            found = State(explicit=explicit, where=Where(sop_class_uid=sop_class_uid))
            self._roots[key] = found
        return found

    def series(self, root: State, uid: bytes) -> Series:
        """What the images of a series have shown so far."""
        key = (id(root), uid)
        found = self._series.get(key)
        if found is None:
            if len(self._series) >= MOST_SERIES:
                del self._series[next(iter(self._series))]
            found = self._series[key] = Series()
        return found
