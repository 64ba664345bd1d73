"""Saving how a project's series are named in BIDS."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from exports.bids.rows import Row, in_order
from exports.models import BidsMapping
from projects.canonical import canonical, digest_of
from projects.models import AuditEvent, Project, User
from projects.roles import Permission


@transaction.atomic
def save_mapping(
    *, by: User, project: Project, rows: Iterable[Row], reason: str, since: int
) -> BidsMapping:
    """Save a new version of a project's mapping, made from the version with the number `since`.

    Raises PermissionDenied, and ValidationError if it cannot be used, says the same as the last
    version, gives no reason, or somebody else saved a version meanwhile.
    """
    if not by.may(Permission.EXPORT, project):
        raise PermissionDenied
    Project.objects.select_for_update().get(pk=project.pk)  # versions are numbered one by one
    ordered = in_order(rows)
    problems = [sentence for row in ordered for sentence in row.problems()]
    if problems:
        raise ValidationError(list(dict.fromkeys(problems)))
    if len({row.kind for row in ordered}) < len(ordered):
        raise ValidationError("Two rows are about the same kind of series.")
    if not reason.strip():
        raise ValidationError("Say why, in a few words: somebody will ask later.")
    before = BidsMapping.objects.at(project)
    if (before.number if before else 0) != since:
        raise ValidationError(
            "Somebody else saved a version meanwhile. What you chose is still here: open the page "
            "in another window, compare, and save again."
        )
    data = [row.as_data() for row in ordered]
    digest = digest_of(canonical(data))
    if before and before.digest == digest:
        raise ValidationError("Nothing was changed.")
    saved = BidsMapping(
        project=project,
        number=since + 1,
        rows=data,
        digest=digest,
        reason=reason.strip(),
        created_by=by,
    )
    saved.full_clean()
    saved.save()
    AuditEvent.record(by, "mapped", saved, why=saved.reason, number=saved.number, rows=len(data))
    return saved
