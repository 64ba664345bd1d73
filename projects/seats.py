"""What a membership amounts to, and as much of projects and sites as rights ask about.

It knows no model: people are asked about projects, and projects belong to people, so neither may
know the other's class.
"""

from typing import Any, NamedTuple, Protocol

from projects.roles import HospitalRole, Permission, Phase, Role

EVERY_SITE = 0
"""Asks for all sites at once: no site has this id, so that nobody limited reaches it."""


class Row(Protocol):
    """Anything with a key, such as a site."""

    @property
    def pk(self) -> Any:
        """The key."""


class Governed(Row, Protocol):
    """A project, as far as rights ask about it."""

    @property
    def phase(self) -> Phase:
        """How it stands to its approval."""


class Seat(NamedTuple):
    """What a current membership amounts to; `sites` is None where it is not limited."""

    role: Role
    has_identified: bool
    sites: frozenset[int] | None

    def carries(self, permission: Permission, held: frozenset[Role | HospitalRole]) -> bool:
        """Tell whether the role is among those that hold a right, and the right was not taken."""
        return self.role in held and (
            self.has_identified or permission != Permission.SEE_IDENTIFIED
        )

    def reaches(self, site: Row | int | None) -> bool:
        """Tell whether it covers a site, or the whole project where none is given."""
        key = site if isinstance(site, int) else getattr(site, "pk", None)
        return self.sites is None or key in self.sites
