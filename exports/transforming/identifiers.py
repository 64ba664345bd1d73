"""What is wrong with new identifiers before any image gets one: in counts, never in values."""

from collections import Counter
from collections.abc import Iterable

from exports.models import ParticipantRow
from exports.naming.safe import slug
from exports.specification import Transformation
from exports.transforming.deeds import COLUMNS
from exports.transforming.people import read_identifier
from projects.models import Participant, Project


def wrong_identifiers(
    project: Project, one: Transformation, people: Iterable[Participant]
) -> list[str]:
    """Return sentences about the column that an `identifiers` deed reads; none if all is well.

    Participants without a row, and a table that is not there, are said elsewhere.
    """
    column = one.column or COLUMNS["identifiers"]
    chosen = {person.pk for person in people}
    rows = ParticipantRow.objects.filter(table__project=project, table__name=one.table)
    given = {
        row.participant_id: row.values.get(column, "").strip()
        for row in rows
        if row.participant_id in chosen
    }
    names = Counter(_name(text) for text in given.values())
    pseudonyms: dict[str, set[int]] = {}
    for pk, pseudonym in project.participants.values_list("pk", "pseudonym"):
        pseudonyms.setdefault(_plain(pseudonym), set()).add(pk)
    found: Counter[str] = Counter()
    for pk, text in given.items():
        if not text:
            found["no identifier"] += 1
        elif not (read_identifier(text) and _name(text)):
            found[
                "nothing that can be one: at most 64 letters, digits and signs of English, and no "
                "national identity number"
            ] += 1
        elif names[_name(text)] > 1:
            found["an identifier that another one has, or has as the name of a folder"] += 1
        elif pseudonyms.get(_plain(text), {pk}) != {pk}:
            found["the pseudonym of another participant"] += 1
    return [
        f"The column “{column}” of the table “{one.table}” has, for {count} of {len(chosen)} "
        f"participants, {what}."
        for what, count in found.items()
    ]


def _name(text: str) -> str:
    """Return what becomes of an identifier in names of folders, where case does not count."""
    return slug(text, "").casefold()


def _plain(text: str) -> str:
    """Return letters and digits alone: two spellings of one pseudonym are the same."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
