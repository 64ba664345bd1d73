"""Whether the file of a package may leave now: asked before each download, range and delivery."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from exports.expiry import TAKEN_BACK, taken_back
from exports.models import Package
from exports.states import State
from review.currency import refuse_unsigned
from transfers.models import Run

GONE = "gone"


def refuse_to_leave(package: Package) -> None:
    """Raise ValidationError, with the code GONE where there is nothing left that could.

    The row is read anew: somebody may have revoked the package since this process looked at it.
    """
    package.refresh_from_db(fields=["state", "key", "size", "sha256", "expires_at"])
    if package.state != State.READY or _is_past(package):
        raise ValidationError("This package has no file to hand out.", code=GONE)
    if taken_back().filter(pk=package.pk).exists():
        raise ValidationError(TAKEN_BACK, code=GONE)
    package.project.refresh_from_db(fields=["approval_start", "approval_end"])
    if not package.project.is_approved:
        raise ValidationError(
            f"The approval of {package.project.acronym} runs from "
            f"{package.project.approval_start} to {package.project.approval_end}; "
            "nothing can leave outside of it."
        )
    refuse_unsigned(package.project)
    _refuse_made_again(package)


def _is_past(package: Package) -> bool:
    """Whether its time is over, also where the sweep that deletes it has not come yet."""
    return package.expires_at is not None and package.expires_at <= timezone.now()


def _refuse_made_again(package: Package) -> None:
    """Raise ValidationError if a demanded sign-off is of other files than a package holds.

    A sign-off speaks of what the research copy is now; what ran again since the package was asked
    for may have lost what somebody called not safe, and the package has it still.
    """
    if not package.project.sign_off_for_exports:
        return
    again = Run.objects.filter(
        transfer__project=package.project_id,
        transfer__participant__in=package.participants.all(),
        number__gt=1,
        verified_at__gt=package.created_at,
    )
    if again.exists():
        raise ValidationError(
            "Images in it were made again since, and what is signed off is how they are now. "
            "Ask for the package again."
        )
