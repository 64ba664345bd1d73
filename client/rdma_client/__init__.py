"""A client of rDMA's REST interface: from the standard library alone."""

from rdma_client.errors import (
    CameOtherwise,
    Damaged,
    NotSetUp,
    PortalError,
    Refused,
    Unreachable,
)
from rdma_client.portal import Portal
from rdma_client.wire import Wire

__all__ = [
    "CameOtherwise",
    "Damaged",
    "NotSetUp",
    "Portal",
    "PortalError",
    "Refused",
    "Unreachable",
    "Wire",
]
