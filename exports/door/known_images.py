"""Images that were proved by the pipeline and are in the package as they were: told by their sum.

They were searched when they were made, held if something was found, and released by a person or
not at all. Reading them back proves that what is in the finished file is what was proved.
"""

import hashlib
from array import array
from bisect import bisect_left

from deidentify.beyond.content import Stream
from exports.choosing import exportable
from exports.models import Package

PIECE = 1 << 20
DIGITS = 16
"""Of a sum that are compared, in hexadecimal: in a million images, chance meets them once in 10
to the 13 packages."""


class KnownImages:
    """The sums of all images of a package's participants that may leave."""

    def __init__(self, package: Package) -> None:
        images = exportable(package.project).filter(
            run__transfer__participant__in=package.participants.all()
        )
        sums = images.order_by().values_list("digest", flat=True).iterator(chunk_size=5000)
        self._sums = array("Q", sorted(int(one[:DIGITS], 16) for one in sums if one))

    def has(self, stream: Stream) -> bool:
        """Read a member to its end, and tell whether it is such an image."""
        digest = hashlib.sha256()
        while piece := stream.read(PIECE):
            digest.update(piece)
        found = int(digest.hexdigest()[:DIGITS], 16)
        at = bisect_left(self._sums, found)
        return at < len(self._sums) and self._sums[at] == found
