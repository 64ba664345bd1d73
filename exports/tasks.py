"""Bells for packages, and the sweep that rings again and clears away."""

import errno
import logging
import shutil
from collections.abc import Callable
from uuid import uuid4

from celery import shared_task
from django.db.models.functions import Now

from exports.building.scratch import scratch_folder
from exports.building.turn import build
from exports.errors import Busy, ExportError, NoRoom
from exports.expiry import expire_packages
from exports.handing_over import hand_over
from exports.models import Package
from exports.states import State
from projects.errors import LeaseLost
from transfers.tasks import ring

log = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def build_package(package_id: int) -> None:
    """Build one package for a while. Calling it twice, or late, does no harm."""
    package = Package.objects.claim(package_id, owner=uuid4())
    if package is None:
        return  # ended, cancelled, not yet due, or in another worker's hands
    try:
        with package.heartbeat() as check:
            _build(package, check)
    except LeaseLost:
        return  # another worker has it, or a person cancelled: leave everything as it is
    if Package.objects.due().filter(pk=package_id).exists():
        ring(build_package, Package.objects.filter(pk=package_id))
    hand_over()


def _build(package: Package, check: Callable[[], None]) -> None:
    """Go on with a claimed package; the kind of error decides what then."""
    try:
        if not build(package, check):
            package.let_go()  # not whole yet: others first
    except LeaseLost:
        raise
    except ExportError as error:
        package.let_go(state=State.FAILED, reason=str(error)[:500], ended_at=Now())
        shutil.rmtree(scratch_folder(package.pk), ignore_errors=True)
    except NoRoom as error:
        package.postpone(str(error), counts=False)
    except Busy:
        package.postpone("Another worker is about to let go of it.", counts=False)
    except OSError as error:
        log.warning("package %s waits for its disk: %s", package.pk, type(error).__name__)
        package.postpone(_about_the_disk(error), counts=False)
    except Exception:
        log.exception("unforeseen error in package %s", package.pk)
        package.postpone("Something unforeseen happened; operations find it in the log.")


def _about_the_disk(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full. It goes on from here as soon as there is room."
    return "The disk could not be read or written. It goes on from here when it can."


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def resume_packages() -> None:
    """Ring again for packages whose bell or whose worker was lost; end, expire and clear away."""
    worn_out = Package.objects.worn_out()
    worn_out.update(
        state=State.FAILED,
        reason="Its worker stopped without an answer, again and again.",
        ended_at=Now(),
        owner=None,
    )
    ring(build_package, Package.objects.unheard())
    expire_packages()
    hand_over()
