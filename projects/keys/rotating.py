"""Another master key, or another key for a project: what they wrap is wrapped anew, unchanged.

UIDs, dates, look-ups, signatures and passwords stay as they were, because they are drawn from what
is wrapped. Each rotation is one transaction: it happens for all rows, or for none. Source: the
wrapping chain in docs/adr/0006; why it goes so, docs/adr/0046.
"""

from django.conf import settings
from django.db import transaction

from projects.errors import KeyUnavailable, KeyUnsuitable
from projects.keyring import (
    DataKey,
    forget,
    key_in_force,
    new_key,
    unwrap,
    unwrap_by_master,
    wrap,
    wrap_by_master,
)
from projects.keys.deriving import key_id, wrapping_key
from projects.keys.standing import column_name, rows_of
from projects.models import AuditEvent, Project
from projects.wrapped import WrappedKeyField, Wrapper, wrapped_columns

SHORTEST = 32
FEWEST_SIGNS = 12
"""A random key of 32 characters has more different ones than this; a typed one may not."""


def rotate_master_key() -> int:
    """Wrap by RDMA_MASTER_KEY what RDMA_MASTER_KEY_PREVIOUS wraps; return how many keys.

    Calling it again does no harm, and takes along what was written in between.

    Raises:
        KeyUnsuitable: there is no previous key, the two are the same, or the new one is weak.
        KeyUnavailable: something opens with neither; nothing is changed then.
    """
    new = settings.RDMA_MASTER_KEY
    check_master_key(new, settings.RDMA_MASTER_KEY_PREVIOUS)
    with transaction.atomic():
        key_in_force(to_write=True)  # nobody else wraps by the old one until this is done
        count = sum(_wrap_column_anew(column, new) for column in wrapped_columns(Wrapper.MASTER))
        if count:
            first = DataKey.objects.earliest("pk")
            AuditEvent.record(None, "rotated_master_key", first, keys=count, key=key_id(new))
    forget()
    return count


def check_master_key(new: str, previous: str) -> None:
    """Raise KeyUnsuitable, in a sentence, if `new` cannot take the place of `previous`."""
    if not previous:
        raise KeyUnsuitable(
            "There is nothing to change from. Set RDMA_MASTER_KEY to the new key and "
            "RDMA_MASTER_KEY_PREVIOUS to the one until now."
        )
    if new.strip() == previous.strip():
        raise KeyUnsuitable("The new master key is the previous one. Draw another one.")
    if len(new) < SHORTEST or len(set(new)) < FEWEST_SIGNS:
        raise KeyUnsuitable(
            f"A master key is drawn at random and has at least {SHORTEST} characters. "
            "Let `manage.py keys draw` draw one."
        )


@transaction.atomic
def rotate_project_key(project: Project) -> int:
    """Draw another key for a project and wrap by it what the old one wraps; return how many keys.

    The first key stays as the project's root, from which marks and fingerprints are derived.
    Raises KeyUnavailable if something does not open; nothing is changed then.
    """
    key_in_force(to_write=True)  # in the order in which the master key is changed
    held = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    old, root, new = held.key, held.root, new_key()
    count = 0
    for column in wrapped_columns(Wrapper.PROJECT):
        rows = rows_of(column, project=held)
        for pk, wrapped in list(rows.values_list("pk", column.name)):
            try:
                inside = unwrap(wrapped, old)
            except KeyUnavailable as error:
                sentence = f"{column_name(column)}: a key does not open with its project's."
                raise KeyUnavailable(sentence) from error
            column.model._base_manager.filter(pk=pk).update(**{column.name: wrap(inside, new)})
            count += 1
    Project.objects.filter(pk=held.pk).update(
        wrapped_key=wrap_by_master(new), wrapped_root=wrap_by_master(root)
    )
    AuditEvent.record(None, "rotated_project_key", held, keys=count)
    return count


def _wrap_column_anew(column: WrappedKeyField, new: str) -> int:
    """Wrap by the master key `new` what a column holds under another; return how many."""
    count = 0
    for pk, wrapped in list(rows_of(column).values_list("pk", column.name)):
        try:
            unwrap(wrapped, wrapping_key(new))
            continue
        except KeyUnavailable:
            pass
        try:
            inside = unwrap_by_master(wrapped)
        except KeyUnavailable as error:
            sentence = (
                f"{column_name(column)}: a key opens neither with RDMA_MASTER_KEY nor with "
                "RDMA_MASTER_KEY_PREVIOUS. Nothing was changed."
            )
            raise KeyUnavailable(sentence) from error
        again = wrap(inside, wrapping_key(new))
        column.model._base_manager.filter(pk=pk).update(**{column.name: again})
        count += 1
    return count
