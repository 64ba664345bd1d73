"""From which address somebody asks, whoever says so.

A web server that stands before the portal adds the address that it saw to the end of
X-Forwarded-For. Whatever stands before that, the client may have written itself. So the entries are
counted from the right, as many as there are servers of the house (settings.PROXIES).

Source: RFC 7239 section 8.1 (none of these headers can be believed as a whole).
"""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the nearest machine that is not the house's own; "" if unknown.

    A request that did not come by all of the house's servers, or by one that wrote no address,
    counts as coming from the machine that has the connection.
    """
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count = settings.PROXIES
    if count and len(seen) >= count and (found := _plain(seen[-count])):
        return found
    return _plain(request.META.get("REMOTE_ADDR", ""))


def _plain(text: str) -> str:
    """Return an address in its one spelling, without port and brackets; "" if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
