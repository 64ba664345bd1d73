"""What is known of one patient from several files: names that one header tells and another
merely mentions.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deidentify.vocabulary import Term


class Known:
    """Identifying values of one patient, as the source headers spell them.

    Grows file by file; rewriting with the same Known gives the same bytes, in any order.
    """

    def __init__(self) -> None:
        self._terms: set[Term] = set()
        self._frozen: frozenset[Term] | None = None

    @property
    def identifying(self) -> "frozenset[Term]":
        """Every value so far: kind, value as stored, character set."""
        if self._frozen is None:
            self._frozen = frozenset(self._terms)
        return self._frozen

    def read(self, source: Path) -> None:
        """Add what one file's header says.

        Raises:
            Refused: the file cannot be read.
        """
        # Reading a header is a walk whose output nobody keeps; the walk knows Known.
        from deidentify.header import read_header

        self.update(read_header(source).identifying)

    def update(self, terms: "frozenset[Term]") -> None:
        """Add values that a header told."""
        if not terms <= self._terms:
            self._terms |= terms
            self._frozen = None

    def add(self, kind: str, value: str) -> None:
        """Add one value, such as a name from the coupling list.

        Args:
            kind: name, identifier, birth_date, date, address, phone, institution, email;
                physician, operator, accession and national_id are taken for what they are.
            value: as text; birth dates as YYYYMMDD.
        """
        self.update(frozenset({(kind, value.encode(), b"ISO_IR 192")}))
