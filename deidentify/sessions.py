"""What is remembered between files: cleaned values per patient.

A Session belongs to what is known about one patient: the same text is cleaned once, however
many files repeat it, and never with somebody else's names.
"""

from deidentify.clean import Cleaner
from deidentify.plan import Plan
from deidentify.vocabulary import Term

MOST_REMEMBERED = 20_000
MOST_SESSIONS = 64
LARGE_VALUE = 4096
MOST_LARGE = 16

Identifying = frozenset[Term]


class Memory(dict[bytes, bytes | None]):
    """Whole element -> what replaces it; None if it stays. Bounded."""

    large = 0

    def keep(self, element: bytes, new: bytes | None) -> None:
        if len(element) > LARGE_VALUE:
            if self.large >= MOST_LARGE:
                return
            self.large += 1
        elif len(self) >= MOST_REMEMBERED:
            self.clear()
            self.large = 0
        self[element] = new


class Memories(dict[str, Memory]):
    """A memory for each letter (and its implicit twin)."""

    def __missing__(self, letter: str) -> Memory:
        memory = self[letter] = Memory()
        return memory


class Session:
    """What is known about one patient, and what was made of the values seen so far."""

    def __init__(self, plan: Plan, key: Identifying, more: Identifying) -> None:
        self.key = key
        self.cleaner = Cleaner(plan, key | more)
        self._memories: dict[bytes, Memories] = {}

    def memories(self, charset: bytes) -> Memories:
        """The memories for texts in one character set; elsewhere the same bytes are others."""
        found = self._memories.get(charset)
        if found is None:
            if len(self._memories) > MOST_SESSIONS:
                self._memories.clear()
            found = self._memories[charset] = Memories()
        return found
