"""One patient's original UIDs, found wherever they stand: as text, in UTF-16, as hex digits.

There can be hundreds of thousands, so the automaton only gets how they begin; what stands there
is then looked up as a whole.

Source: DICOM PS3.5 section 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deidentify.leaks.elements import Bytes
from deidentify.leaks.spellings import HEX, PLAIN, WIDE, Literal
from deidentify.leaks.terms import SHORTEST_UID, Term

LONGEST_UID = 64
MOST_ROOTS = 200
_ROOT_LENGTHS = (12, 8, 5, 4)
_RUN = re.compile(rb"[0-9.]{12,65}")
_HEX_REACH = 4 * LONGEST_UID


class OriginalUids:
    """The UIDs to look for, by how they begin and as a whole."""

    def __init__(self, uids: Mapping[str, str]) -> None:
        self._paths = {
            uid.encode("ascii", "replace"): path
            for uid, path in uids.items()
            if len(uid) >= SHORTEST_UID
        }

    def literals(self) -> Iterator[Literal]:
        """Yield how the UIDs begin, as few beginnings as tell them apart from other text."""
        roots: set[bytes] = set()
        for length in _ROOT_LENGTHS:
            roots = {uid[:length] for uid in self._paths}
            if len(roots) <= MOST_ROOTS:
                break
        for root in sorted(roots):
            text = root.decode("ascii")
            yield Literal("raw", PLAIN, root, text)
            yield Literal("raw", WIDE, text.encode("utf-16-le"), text)
            yield Literal("raw", WIDE, text.encode("utf-16-be"), text)
            yield Literal("compact", HEX, root.hex().encode(), text)

    def term(self, uid: bytes) -> Term:
        """Return the search term that a UID is."""
        return Term("uid", "uid", uid.decode("ascii"), self._paths[uid])

    def at(self, data: Bytes, start: int) -> bytes:
        """Return the longest original UID that begins at `start` and ends a number; or b""."""
        match = _RUN.match(data, start)
        if match is None or (start and data[start - 1 : start].isdigit()):
            return b""
        run = match.group()
        if run in self._paths:
            return run
        end = len(run)
        while end > SHORTEST_UID:
            end = run.rfind(b".", 0, end)
            if run[: max(end, 0)] in self._paths:
                return run[:end]
        return b""

    def wide_at(self, data: Bytes, start: int) -> bytes:
        """Return the original UID that begins at `start` in UTF-16 of either order; or b""."""
        order = "utf-16-le" if data[start + 1] == 0 else "utf-16-be"
        raw = bytes(data[start : start + 2 * LONGEST_UID + 2])
        return self.at(raw.decode(order, "replace").encode("ascii", "replace"), 0)

    def hex_at(self, folded: bytes, start: int) -> bytes:
        """Return the original UID whose digits begin at `start` as hex digits; or b""."""
        digits = re.sub(rb"0x|[^0-9a-f]", b"", folded[start : start + _HEX_REACH])
        return self.at(bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii")), 0)
