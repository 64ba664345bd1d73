"""Asking a destination which instances it has: C-FIND at IMAGE level, or QIDO-RS.

What each destination offers is noted at it when it is seen. One that has answered C-FIND once is
expected to answer it ever after: if it stops, its deliveries wait instead of counting for less.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models.functions import Now

from transfers.errors import Away, CannotTell, NotTaken
from transfers.models import Destination
from transfers.states import AskedBy
from transfers.web import ask_web
from transfers.wire import COMMITMENT, STUDY_ROOT_FIND, VERIFICATION, Line, open_line

LIST_SIZE = 50
PAGE_SIZE = 1000
SOP_INSTANCE_UID = "00080018"

Question = Callable[[str, str, Sequence[str]], set[str]]
"""Given study, series and SOP Instance UIDs: which of the last are at the destination."""


@contextmanager
def open_questions(destination: Destination) -> Iterator[Question]:
    """Give a question that can be asked about one series after another.

    Opening it, or asking, raises CannotTell if the destination cannot be asked, and Away if it is
    not there.
    """
    if destination.asked_by == AskedBy.NOTHING:
        raise CannotTell("It is declared as one that cannot be asked.")
    if destination.asked_by == AskedBy.QIDO:
        yield lambda study, series, wanted: by_qido(destination, study, series, wanted)
        return
    try:
        # echo, which all take, keeps a node that cannot be asked from looking like an error
        services = [STUDY_ROOT_FIND, COMMITMENT, VERIFICATION]
        with open_line(destination, services=services) as line:
            note_offers(
                destination, find=line.offers(STUDY_ROOT_FIND), commitment=line.offers(COMMITMENT)
            )
            yield lambda study, series, wanted: by_find(destination, line, study, series, wanted)
    except NotTaken as error:
        note_offers(destination, find=False, commitment=False)
        raise CannotTell("It does not offer C-FIND.") from error


def expects_an_answer(destination: Destination) -> bool:
    """Tell whether a destination that does not answer now is one that should."""
    return destination.asked_by == AskedBy.FIND and destination.offers_find is True


def by_find(
    destination: Destination, line: Line, study: str, series: str, wanted: Sequence[str]
) -> set[str]:
    """List a series; what the list lacks is asked for by UID, as some peers cut long lists."""
    if not line.offers(STUDY_ROOT_FIND):
        raise CannotTell("It does not offer C-FIND.")
    listed = line.find(study, series)
    note(destination, offers_find=True)
    lacking = [uid for uid in wanted if uid not in listed]
    while listed and lacking:
        part, lacking = lacking[:LIST_SIZE], lacking[LIST_SIZE:]
        more = line.find(study, series, part)
        listed |= more
        if not more & set(part):
            break
    return listed.intersection(wanted)


def by_qido(destination: Destination, study: str, series: str, wanted: Sequence[str]) -> set[str]:
    """List a series page by page. Source: DICOM PS3.18 section 10.6."""
    listed: set[str] = set()
    while True:
        page = _page(destination, study, series, len(listed))
        if page <= listed:  # the end, or a server that does not know of pages
            return listed.intersection(wanted)
        listed |= page


def note_offers(destination: Destination, *, find: bool, commitment: bool) -> None:
    """Keep what the peer agreed to in the negotiation.

    That it offers C-FIND is kept once it has answered one: some accept the context and no query.
    """
    note(destination, offers_commitment=commitment)
    if destination.offers_find is None and not find:
        note(destination, offers_find=False)


def note(destination: Destination, **offers: bool) -> None:
    """Keep what was seen of a destination, if it is new."""
    new = {name: value for name, value in offers.items() if getattr(destination, name) != value}
    if not new:
        return
    for name, value in new.items():
        setattr(destination, name, value)
    Destination.objects.filter(pk=destination.pk).update(**new, offers_seen_at=Now())


def _page(destination: Destination, study: str, series: str, offset: int) -> set[str]:
    path = f"/studies/{study}/series/{series}/instances?limit={PAGE_SIZE}&offset={offset}"
    answer = ask_web(destination, destination.qido_url, path, accept="application/dicom+json")
    if answer is None:
        raise Away(f"{destination.name} has no QIDO-RS at the address that is declared for it.")
    try:
        rows: list[Any] = json.loads(answer or b"[]")
        return {str(row[SOP_INSTANCE_UID]["Value"][0]) for row in rows}
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Away(
            f"{destination.name} answered QIDO-RS with something else than a list."
        ) from error
