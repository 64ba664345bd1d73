"""Settings that work and should not be used: said by `manage.py check`, some only with --deploy.

An error stops the start of every command. What Django's own checks say is not repeated here.
"""

import stat
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from rdma.at_rest import problems


def register_checks() -> None:
    """Tell Django of the checks (RdmaConfig.ready)."""
    register(hosts_are_readable, Tags.security)
    register(a_server_is_not_one_persons, Tags.security)
    register(nothing_identified_lies_in_clear, Tags.security)
    register(what_stands_before_the_portal, Tags.security, deploy=True)
    register(where_secrets_lie, Tags.security, deploy=True)


def hosts_are_readable(**_: Any) -> Iterator[CheckMessage]:
    """Networks that are none would let a worker stumble at its first delivery."""
    for setting in ("DESTINATION_HOSTS", "DELIVERY_HOSTS"):
        for entry in getattr(settings, setting):
            if "/" in entry and not _is_network(entry):
                yield Error(
                    f"RDMA_{setting} has a network that is none: write 10.20.0.0/16, or a host "
                    "without https:// and without path.",
                    id="rdma.E001",
                )
            elif entry == "*" or entry.endswith("/0"):
                yield Error(
                    f"RDMA_{setting} names every host there is. Name those that are meant.",
                    id="rdma.E002",
                )


def a_server_is_not_one_persons(**_: Any) -> Iterator[CheckMessage]:
    """What suits one person on one machine, and no hospital."""
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "RDMA_ALLOWED_HOSTS takes any name, so that links in answers could lead anywhere.",
            id="rdma.E003",
        )
    if settings.SECRET_KEY == settings.RDMA_MASTER_KEY:
        yield Error(
            "SECRET_KEY and RDMA_MASTER_KEY are the same. One signs, the other wraps: draw two.",
            id="rdma.E004",
        )


def nothing_identified_lies_in_clear(**_: Any) -> Iterator[CheckMessage]:
    """A column that nobody has placed, or an identified one in clear."""
    for sentence in problems():
        yield Error(sentence, id="rdma.E005")


def what_stands_before_the_portal(**_: Any) -> Iterator[CheckMessage]:
    """A web server with TLS, which says whom it speaks for."""
    if not settings.BEHIND_TLS:
        yield Warning(
            "RDMA_BEHIND_TLS is no: passwords and patients cross the network in clear.",
            id="rdma.W001",
        )
    elif not settings.PROXIES:
        yield Warning(
            "RDMA_PROXIES is 0 behind a web server: everybody has that server's address, so that "
            "one person's wrong passwords shut out whoever has the same user name, from anywhere.",
            id="rdma.W002",
        )
    if settings.BEHIND_TLS and any(
        origin.startswith("http://") for origin in settings.CSRF_TRUSTED_ORIGINS
    ):
        yield Warning("RDMA_TRUSTED_ORIGINS trusts an origin without TLS.", id="rdma.W003")
    if not 0 < settings.IDLE_MINUTES * 60 <= settings.SESSION_COOKIE_AGE:
        yield Warning("RDMA_IDLE_MINUTES ends no session that nobody uses.", id="rdma.W004")


def where_secrets_lie(**_: Any) -> Iterator[CheckMessage]:
    """Keys away from the data, and the data for one account of the machine alone."""
    if settings.IS_ALONE:
        yield Warning(
            "The keys are drawn into the data folder. A key beside the data protects nothing: set "
            "SECRET_KEY and RDMA_MASTER_KEY, and RDMA_DRAW_KEYS=no.",
            id="rdma.W005",
        )
    folder = settings.RDMA_DATA_DIR
    if stat.S_IMODE(folder.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        yield Warning(
            "RDMA_DATA_DIR can be read by other accounts of this machine: chmod 700.",
            id="rdma.W006",
        )


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True
