"""What earlier runs knew of the patient, for a run whose originals have left quarantine.

Search terms are kept encrypted with the run that collected them, until the coupling is severed.
After that nobody knows what to look for: what a run over the copy makes is then held for a person.
"""

import json
from collections.abc import Callable

from deidentify.delta import DeltaPlan
from deidentify.known import Known
from deidentify.leaks import SearchTerms
from deidentify.leaks.terms import VERSION
from projects.storage import storage
from transfers.models import Outcome, Run, SearchTermStore
from transfers.planning import runs_below


def earlier_terms(run: Run) -> SearchTerms | None:
    """Return the terms of the nearest run below that still has them; None if none has.

    Those of an older program do not say which value stood in which element, and without the
    original that is the only way to know: they count as gone.
    """
    for below in reversed(runs_below(run)):
        stored = SearchTermStore.objects.filter(run=below).first()
        if stored is not None:
            data = json.loads(stored.terms)
            return SearchTerms.from_data(data) if data.get("version") == VERSION else None
    return None


def recall_known(run: Run, known: Known) -> None:
    """Add to what is known of the patient what earlier runs knew, for texts that are cleaned."""
    terms = earlier_terms(run)
    for kind, value in terms.known_values() if terms is not None else ():
        known.add(kind, value)


def terms_over(run: Run, plan: DeltaPlan, check: Callable[[], None]) -> SearchTerms | None:
    """Return the terms for a run over the copy: the earlier ones, and what is to go only now.

    What an earlier plan kept was no term of its run. The copy still tells it.
    """
    terms = earlier_terms(run)
    if terms is None:
        return None
    terms.narrow(kept_tags=plan.kept_tags, written=plan.written_values, written_at=plan.written_at)
    if plan.no_longer_kept:
        made = Outcome.objects.filter(run=run, made_of__isnull=False).select_related("made_of")
        for outcome in made.order_by("pk").iterator(chunk_size=1000):
            check()
            copy = outcome.made_of
            if copy is not None and copy.key and storage().exists(copy.key):
                with storage().fetch(copy.key) as path:
                    terms.take_what_was_kept(path, plan.no_longer_kept)
    return terms
