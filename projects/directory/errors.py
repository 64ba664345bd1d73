"""What can go wrong between here and the directory.

DirectoryError        a sentence for operations; it names settings, never passwords
├── DirectoryAway     nothing can be known now: nobody gains anything, and nobody loses anything
├── NotUnderstood     it answered something that cannot be relied on: treated the same
└── NotThisPerson     a person cannot be taken over from it; others can
"""

from projects.errors import GovernanceError


class DirectoryError(GovernanceError):
    """The directory, or what it says, cannot be used. The message says what to do."""


class DirectoryAway(DirectoryError):
    """It cannot be reached, or does not let the portal in."""


class NotUnderstood(DirectoryError):
    """It let the portal in, and its answer cannot be relied on."""


class NotThisPerson(DirectoryError):
    """An account here has this name already, and is not this person's."""
