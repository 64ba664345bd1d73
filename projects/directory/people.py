"""Whose account an account is: the directory's, or a local one beside it."""

from django.conf import settings

from projects.models import DirectoryPerson, User


def is_of_directory(user: User) -> bool:
    """Tell whether an account is the directory's."""
    return DirectoryPerson.objects.filter(user=user).exists()


def is_break_glass(user: User) -> bool:
    """Tell whether an account is a local one of an installation whose people are in a directory.

    Such accounts are for when the directory is away; each use of one is in the audit by a verb of
    its own.
    """
    return settings.DIRECTORY is not None and not is_of_directory(user)
