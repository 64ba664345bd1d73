"""Which hosts packages may be sent to: operations name them, the data office chooses among them.

Two people decide, so that neither a careless destination nor a stolen session of the data office
makes this server speak to whatever else it can reach.
"""

from django.conf import settings
from django.core.exceptions import ValidationError

from exports.models import PackageDestination

NOT_ALLOWED = (
    "Operations have not allowed this host for packages. They name it in RDMA_DELIVERY_HOSTS "
    "(see the administrator's manual)."
)


def is_allowed(destination: PackageDestination) -> bool:
    """Tell whether operations allow the host of a destination, alone or with its port."""
    allowed = {name.lower() for name in settings.DELIVERY_HOSTS}
    return bool(allowed & {destination.host.lower(), destination.host_and_port.lower()})


def refuse_host(destination: PackageDestination) -> None:
    """Raise ValidationError if operations have not allowed the host."""
    if not is_allowed(destination):
        raise ValidationError(NOT_ALLOWED)
