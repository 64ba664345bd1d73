"""Stretches of a header that stand alike in many files, so that they are walked once.

Elements that follow each other and have all been seen in an earlier file are remembered as one
run, with what reading them yields. Where it stands again, byte for byte, nothing is walked. Most
images of a series are made of a few runs, with what differs from image to image in between.
"""

from itertools import pairwise
from typing import NamedTuple

from deidentify.conformance.contents import Contents, Place

FEWEST = 3
"""Elements of a run; of fewer it is not worth while."""
LONGEST = 4096
"""Bytes of an element that is remembered."""
CHARACTER_SET = 0x00080005
MOST_ALIKE, MOST_HEADS, MOST_SEEN = 6, 2_000, 50_000


Mark = tuple[int, int, int, int, int]
"""Where an element of the main data set begins, negative if a run does; and how many elements,
places, UIDs and faults had been found before it."""


class Run(NamedTuple):
    """Elements of the main data set, and what reading them yields."""

    data: bytes
    under: bytes  # the character set in which its texts were judged
    shape: list[int]
    places: list[Place]
    uids: list[tuple[str, int, bytes]]
    noted: dict[int, bytes]


class Runs:
    """The runs of one way of writing elements.

    Attributes:
        by_head: the first eight bytes of a run -> those that begin so, the longest first.
    """

    def __init__(self) -> None:
        self.by_head: dict[bytes, list[Run]] = {}
        self._seen: set[bytes] = set()
        self._settled = 0

    def learn(self, data: bytes, marks: list[Mark], contents: Contents) -> None:
        """Remember the runs among elements that were walked.

        Args:
            data: the window in which they stand.
            marks: one for each element or run, in order, and one for where the last ends.
            contents: of the file; its first place is the main data set.
        """
        if len(self._seen) > MOST_SEEN or len(self.by_head) > MOST_HEADS:
            self._seen.clear()
            self.by_head.clear()
            self._settled = 0
        walked = sum(mark[0] >= 0 for mark in marks)
        if walked <= self._settled:
            return
        new = []
        begin = learned = 0
        for number, (mark, behind) in enumerate(pairwise(marks)):
            start, end = mark[0], abs(behind[0])
            is_good = start >= 0 and end - start <= LONGEST and mark[4] == behind[4]
            whole = data[start:end] if is_good else b""
            if not (whole and whole in self._seen):
                if number - begin >= FEWEST:
                    self._add(data, marks[begin], mark, contents)
                    learned += 1
                begin = number + 1
                if whole:
                    new.append(whole)
        if len(marks) - 1 - begin >= FEWEST:
            self._add(data, marks[begin], marks[-1], contents)
            learned += 1
        self._seen.update(new)
        if not learned and walked < len(marks) - 1:
            # What is walked now differs from file to file.
            self._settled = max(self._settled, walked)

    def _add(self, data: bytes, first: Mark, behind: Mark, contents: Contents) -> None:
        main = contents.places[0]
        shape = main.shape[first[1] : behind[1]]
        tags = {code if code >= 0 else ~code for code in shape}
        run = Run(
            data=data[first[0] : abs(behind[0])],
            under=b"" if CHARACTER_SET in tags else main.charset,
            shape=shape,
            places=contents.places[first[2] : behind[2]],
            uids=contents.uids[first[3] : behind[3]],
            noted={tag: value for tag, value in contents.noted.items() if tag in tags},
        )
        alike = self.by_head.setdefault(run.data[:8], [])
        alike.append(run)
        alike.sort(key=lambda one: len(one.data), reverse=True)
        del alike[MOST_ALIKE:]
