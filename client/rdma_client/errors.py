"""What can go wrong between a script and the portal.

PortalError            the base of all: a sentence for a person
├── NotSetUp           no address, no token, or a token file that others can read
├── Refused            the portal said no (4xx): what is wrong stands in `errors`
├── Unreachable        no answer, or an error of the portal, after every attempt
├── CameOtherwise      what was waited for ended in another state than hoped for
└── Damaged            a download is not what the portal says it is
"""

from typing import Any


class PortalError(Exception):
    """Something went wrong. The message is a sentence; `exit_status` is the command's."""

    exit_status = 4


class NotSetUp(PortalError):
    """The client does not know where the portal is, or who asks."""

    exit_status = 2


class Refused(PortalError):
    """The portal says no to a request; asking again changes nothing.

    Attributes:
        status: of HTTP.
        problem: the problem document (RFC 9457) as the portal sent it.
    """

    exit_status = 3

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        said = problem.get("detail") or problem.get("title") or f"The portal answered {status}."
        super().__init__(str(said))

    @property
    def errors(self) -> list[dict[str, str]]:
        """What is wrong, place by place: `pointer` or `parameter`, and `detail`."""
        listed = self.problem.get("errors", [])
        return list(listed) if isinstance(listed, list) else []


class Unreachable(PortalError):
    """The portal does not answer, or fails, also after every attempt."""


class CameOtherwise(PortalError):
    """A transfer or a package has come to a stand that is not the one that was waited for."""

    exit_status = 1


class Damaged(PortalError):
    """What arrived has another sum than the portal says. It was deleted."""

    exit_status = 5
