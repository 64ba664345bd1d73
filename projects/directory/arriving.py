"""Somebody of the directory becomes somebody here: found by their entry, or made."""

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from projects.directory.applying import apply
from projects.directory.entries import Entry
from projects.directory.errors import NotThisPerson
from projects.models import AuditEvent, DirectoryPerson, User

OF_SERVICES = "service."  # what projects.tokens.making begins the names of service accounts with
LONGEST_NAME = 150
MIRRORED = ("username", "first_name", "last_name", "email")


@transaction.atomic
def take_over(entry: Entry, groups: dict[str, str]) -> User:
    """Return the account of a person of the directory, renewed, with what their groups give.

    An entry is known again by its number, so that it keeps its account when it is renamed. Raises
    NotThisPerson when the user name is a local account's, or that of another entry that had it
    before: neither is overwritten. Somebody who was switched off here stays so.
    """
    person = (
        DirectoryPerson.objects.select_for_update(of=("self",))
        .filter(entry_id=entry.entry_id)
        .select_related("user")
        .first()
    )
    _check_name(entry, person)
    if person is None:
        person = _made(entry)
    user = person.user
    _renew(user, entry)
    if person.is_gone:
        person.is_gone, user.is_active = False, True
        user.save(update_fields=["is_active"])
        AuditEvent.record(None, "directory_opened", user)
    person.dn, person.confirmed_at = entry.dn, timezone.now()
    person.save(update_fields=["dn", "confirmed_at", "is_gone"])
    apply(user, groups)
    return User.objects.get(pk=user.pk)


def _check_name(entry: Entry, person: DirectoryPerson | None) -> None:
    """Refuse a name that somebody else has here, or that cannot be a user name here."""
    try:
        UnicodeUsernameValidator()(entry.user_name)
        if entry.user_name.startswith(OF_SERVICES) or len(entry.user_name) > LONGEST_NAME:
            raise ValidationError("")
    except ValidationError:
        raise NotThisPerson(
            "The user name cannot be one here: it is made of at most 150 letters, digits and "
            "@.+-_, and does not begin like those of service accounts."
        ) from None
    others = User.objects.filter(username__iexact=entry.user_name)
    if person is not None:
        others = others.exclude(pk=person.user_id)
    other = others.select_related("directory_person").first()
    if other is None:
        return
    before = DirectoryPerson.objects.filter(user=other).first()
    if before is None:
        raise NotThisPerson(
            "A local account has this user name. It is never overwritten: rename it in Django "
            "admin, if the directory's person is to sign in under it."
        )
    if before.entry_id is not None:
        raise NotThisPerson(
            "Another entry of the directory had this user name before. If it is the same person, "
            "use the action “Same person, new entry” on the old one in Django admin; if not, "
            "rename the old account there."
        )


def _made(entry: Entry) -> DirectoryPerson:
    """Make an account, or give one whose entry was forgotten its new one."""
    waiting = DirectoryPerson.objects.filter(
        user__username__iexact=entry.user_name, entry_id=None
    ).first()
    if waiting is not None:
        waiting.entry_id = entry.entry_id
        waiting.save(update_fields=["entry_id"])
        return waiting
    user = User(username=entry.user_name)
    user.set_unusable_password()
    user.save()
    AuditEvent.record(None, "directory_made_person", user)
    return DirectoryPerson.objects.create(user=user, entry_id=entry.entry_id, dn=entry.dn)


def _renew(user: User, entry: Entry) -> None:
    """Take over what the directory says of somebody: their names and their address."""
    said = (entry.user_name, entry.first_name, entry.last_name, entry.email)
    changed = [
        name
        for name, value in zip(MIRRORED, said, strict=True)
        if value and getattr(user, name) != value
    ]
    if not changed:
        return
    for name, value in zip(MIRRORED, said, strict=True):
        if name in changed:
            setattr(user, name, value)
    user.save(update_fields=changed)
    AuditEvent.record(None, "directory_changed_person", user, columns="-".join(changed))
