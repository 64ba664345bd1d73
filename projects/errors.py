"""What can go wrong below every room.

GovernanceError        a rule of the project says no: a sentence for the person who asked
├── KeyUnavailable     a key is missing or does not fit: nothing can be read or written with it
├── KeyUnsuitable      a master key cannot take another's place: nothing is changed
└── NotIntact          the audit does not verify, so that none of it is dropped
LeaseLost              another worker, or a person who cancelled, was faster: leave everything as is
"""


class GovernanceError(Exception):
    """A rule says no. The message is a sentence for the person who asked; it holds no values."""


class KeyUnavailable(GovernanceError):
    """A key cannot be unwrapped: the master key is another one, or the secret was destroyed."""


class KeyUnsuitable(GovernanceError):
    """A master key is too weak, or is the one that it should replace. Nothing was changed."""


class NotIntact(GovernanceError):
    """The audit was changed. What remains may be the last trace of what happened: it stays."""


class LeaseLost(Exception):
    """The row is no longer ours. Raised between two pieces of work, so that it stops there."""
