"""The bells of this room: what is to be indexed is in the rows, a message only carries an id."""

import logging
from uuid import uuid4

from celery import shared_task

from projects.errors import LeaseLost
from review.indexing import bring_up_to_date, give_up, note_changes
from review.models import ResearchStudy

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def index_runs() -> None:
    """Find what of the research copy is not in the index as it is, and ring for it."""
    give_up()
    unheard = ResearchStudy.objects.unheard().values_list("pk", flat=True)
    for study_id in sorted({*note_changes(), *unheard}):
        ResearchStudy.objects.filter(pk=study_id).rung()
        index_study.delay(study_id)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def index_study(study_id: int) -> None:
    """Bring one study's index up to date. Calling it twice, or late, does no harm."""
    study = ResearchStudy.objects.claim(study_id, owner=uuid4())
    if study is None:
        return  # up to date, gone, not yet due, or in another worker's hands
    try:
        with study.heartbeat() as check:
            bring_up_to_date(study, check)
    except LeaseLost:
        return  # another worker has it: leave everything as it is
    except FileNotFoundError:
        study.postpone("A file of this study is not in the storage.")
    except Exception:
        log.exception("research study %s could not be indexed", study_id)
        study.postpone("Something unforeseen happened; the log of the worker says more.")
