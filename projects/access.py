"""Which project an address means for the person who asks, and why somebody is refused."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404

from projects.models import Participant, Project, User
from projects.roles import BY_PHASE, BY_SITE, PERMITTED, Permission, Phase


def project_at(
    user: User, name: str, right: Permission = Permission.VIEW_PROJECT, *, partly: bool = False
) -> Project:
    """Return the project with this acronym or number.

    `partly` lets somebody in who has the right for some sites alone: the page then shows only what
    is theirs. Raises Http404 if the person may not even know of it, PermissionDenied, with a
    sentence, if they may see it and lack the right.
    """
    project = get_object_or_404(Project.objects.visible_to(user).named(name))
    if not (user.may_partly(right, project) if partly else user.may(right, project)):
        raise PermissionDenied(why_not(user, right, project))
    return project


def require(
    by: User, right: Permission, project: Project, about: Participant | None = None
) -> None:
    """Refuse, in a sentence, somebody who has no right over a participant, or a whole project.

    Raises ValidationError for what nobody may do as the approval stands, PermissionDenied else.
    """
    if by.may(right, project, site=about.site_id if about is not None else None):
        return
    said = why_not(by, right, project)
    if by.may(Permission.VIEW_PROJECT, project) and not BY_PHASE[project.phase][right]:
        raise ValidationError(said)
    raise PermissionDenied(said)


def why_not(user: User, right: Permission, project: Project) -> str:
    """Say why a right is refused; names the project and the right, and nobody."""
    seat = user.seats.get(project.pk)
    held = BY_PHASE[project.phase][right]
    word = f"“{Permission(right).label}”"
    if held != PERMITTED[right] and (not held or seat is None or seat.role not in held):
        return said_of_phase(project, word)
    if seat is None or seat.role not in held:
        return f"Your role in {project.acronym} does not carry the right {word}."
    if right == Permission.SEE_IDENTIFIED and not seat.has_identified:
        return f"You are in {project.acronym} without the right {word}; its owner can give it."
    if seat.sites is not None and right in BY_SITE:
        return (
            f"You are limited to some sites of {project.acronym}, and this concerns another site "
            "or the project as a whole."
        )
    if seat.sites is not None:
        return (
            f"You are limited to some sites of {project.acronym}, and {word} concerns the project "
            "as a whole."
        )
    return f"The right {word} was not given to what you came with."


def said_of_phase(project: Project, word: str) -> str:
    """Say that a right needs an approval, and when the project has one."""
    when = "has not begun" if project.phase == Phase.BEFORE else "has ended"
    return (
        f"The approval of {project.acronym} runs from {project.approval_start} to "
        f"{project.approval_end} and {when}; {word} is closed."
    )
