"""How a package stands, in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format

from exports.choosing import Choice
from exports.models import Package
from exports.states import State
from projects.models import Project

PILLS = {
    State.WAITING: "wait",
    State.BUILDING: "wait",
    State.HELD: "held",
    State.HELD: "held",
    State.READY: "done",
    State.FAILED: "fail",
    State.CANCELLED: "held",
    State.EXPIRED: "held",
    State.REVOKED: "held",
}
FEW = 5  # images: before that, nothing can be said about the speed


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 image`, `1,214 images`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def time_left(package: Package, now: datetime) -> str:
    """Return about how long the building still takes; empty as long as that cannot be known."""
    done_here = package.done_count - package.started_count
    if package.started_at is None or done_here < FEW:
        return ""
    spent = (now - package.started_at).total_seconds()
    bytes_here = package.done_bytes - package.started_bytes
    if bytes_here > 0 and package.total_bytes:  # images differ in size: bytes tell better
        seconds = spent / bytes_here * max(package.total_bytes - package.done_bytes, 0)
    else:
        seconds = spent / done_here * (package.total_count - package.done_count)
    if seconds < 1:
        return "a moment left"
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} minutes left"
    return f"about {seconds / 3600:.0f} hours left"


def standing(package: Package, now: datetime | None = None) -> str:
    """Return one sentence that says how a package stands."""
    now = now or timezone.now()
    images = counted(package.total_count, "image")
    if package.is_moving and package.not_before and package.not_before > now:
        again = timezone.localtime(package.not_before).strftime("%H:%M")
        return f"{package.reason} It is tried again at {again}."
    if package.state == State.WAITING:
        return f"{images}. A worker takes it in a moment."
    if package.state == State.BUILDING:
        if package.done_count == package.total_count:
            return f"All of {images} packed; the sums are being made."
        parts = [f"{package.done_count:,} of {images}"]
        if package.total_bytes:
            of_bytes = filesizeformat(package.total_bytes)
            parts.append(f"{filesizeformat(package.done_bytes)} of {of_bytes}")
        if left := time_left(package, now):
            parts.append(left)
        return ", ".join(parts)
    if package.state == State.HELD:
        return f"{images} packed. Somebody must look at what was found before it can leave."
    if package.state == State.REVOKED:
        return f"Revoked: its file is deleted. {package.reason}".strip()
    if package.state == State.READY and package.expires_at is not None:
        until = date_format(timezone.localtime(package.expires_at), "j F")
        return f"{images}, {filesizeformat(package.size)}, kept until {until}."
    if package.state in (State.FAILED, State.HELD, State.REVOKED):
        return package.reason
    if package.state == State.CANCELLED:
        return "Somebody cancelled it. Nothing of it was kept."
    if package.reason:
        return f"{package.reason} Its file is deleted."
    return "Its time has passed and its file is deleted. Ask for it again if you need it."


def summary(packages: list[Package]) -> str:
    """Return one sentence about all packages of a project."""
    ready = sum(package.is_ready for package in packages)
    moving = sum(package.is_moving for package in packages)
    parts = []
    if ready:
        parts.append(f"{counted(ready, 'package')} {'is' if ready == 1 else 'are'} ready")
    if moving:
        parts.append(f"{moving} {'is' if moving == 1 else 'are'} under way")
    if not parts:
        return "No package is ready, and none is under way."
    return " and ".join(parts) + "."


def shown(package: Package) -> dict[str, Any]:
    """Return what the page says of a package, which has `people`, its number of participants."""
    return {
        "package": package,
        "pill": PILLS[State(package.state)],
        "people": counted(getattr(package, "people", 0), "participant"),
        "standing": standing(package),
        "left_out": f"{counted(package.left_out_count, 'series', 'series')} "
        f"{'is' if package.left_out_count == 1 else 'are'}",
        "bytes": counted(package.size, "byte"),
    }


def in_all(choices: Sequence[Choice]) -> str:
    """Return how much there is to choose from."""
    images = sum(choice.images for choice in choices)
    size = filesizeformat(sum(choice.size for choice in choices))
    return f"{counted(len(choices), 'participant')}, {counted(images, 'image')}, {size}"


def rows(project: Project) -> QuerySet[Package]:
    """Return a project's packages, newest first, with `people`, their number of participants."""
    return (
        project.packages.select_related("project", "requested_by")
        .annotate(people=Count("participants"))
        .order_by("-pk")
    )
