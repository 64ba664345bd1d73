"""The bells of this room: what is to be indexed is in the rows, a message only carries an id."""

import logging
from contextlib import suppress
from uuid import uuid4

from celery import shared_task

from deidentify.beyond.items import Unread
from projects.errors import LeaseLost
from review.checking import look_at
from review.checking_end import delete_past_checks, give_up_checks
from review.indexing import bring_up_to_date, give_up, note_changes
from review.models import Check, InventoryState, PackageInventory, ResearchStudy
from review.package_reading import read_package
from transfers.tasks import ring

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


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def list_package(inventory_id: int) -> None:
    """List what one package contains. Calling it twice, or late, does no harm."""
    inventory = PackageInventory.objects.claim(inventory_id, owner=uuid4())
    if inventory is None:
        return  # listed, gone, not yet due, or in another worker's hands
    try:
        with inventory.heartbeat() as check:
            read_package(inventory, check)
    except LeaseLost:
        return  # another worker has it, or its package is gone
    except Unread as error:
        inventory.let_go(state=InventoryState.FAILED, reason=str(error))
    except FileNotFoundError:
        inventory.postpone("The package is not in the storage.")
    except Exception:
        log.exception("package inventory %s could not be made", inventory_id)
        inventory.postpone("Something unforeseen happened; the log of the worker says more.")


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def check_data(check_id: int) -> None:
    """Look at one heap of foreign files. Calling it twice, or late, does no harm."""
    check = Check.objects.claim(check_id, owner=uuid4())
    if check is None:
        return  # done, deleted, not yet due, or in another worker's hands
    try:
        with check.heartbeat() as ensure:
            look_at(check, ensure)
    except LeaseLost:
        return  # another worker has it, or its person deleted it
    except Exception as error:  # noqa: BLE001 - its text may quote what is in the files
        log.error("check %s met %s", check_id, type(error).__name__)
        with suppress(LeaseLost):  # its person may have deleted it, and with it the files
            check.postpone("Something unforeseen happened; it is tried again.")


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def resume_checks() -> None:
    """Ring again for checks and packages whose bell or worker was lost; delete what is past."""
    give_up_checks()
    delete_past_checks()
    worn_out = PackageInventory.objects.worn_out()
    worn_out.update(state=InventoryState.FAILED, owner=None, lease_until=None)
    ring(check_data, Check.objects.unheard())
    ring(list_package, PackageInventory.objects.unheard())
