"""Where the directory is and how it is laid out. Neither Django nor LDAP: settings read it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from projects.errors import GovernanceError

PORTS = {"ldap": 389, "ldaps": 636}
# Attributes that say that an account is closed, by what they mean.
ACCOUNT_IS_DISABLED = 0x0002  # userAccountControl: ADS_UF_ACCOUNTDISABLE
NEVER_EXPIRES = {0, 0x7FFFFFFFFFFFFFFF}
AD_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCKED_FOR_GOOD = "000001010000Z"  # pwdAccountLockedTime, draft-behera-ldap-password-policy


class Misconfigured(GovernanceError):
    """A setting of the directory cannot be used; the message names it and says what to write."""


@dataclass(frozen=True)
class Layout:
    """How one kind of directory writes down people and groups."""

    entry_id: str
    user_name: str
    user_filter: str
    group_filter: str
    closed_by: tuple[str, ...]


LAYOUTS = {
    "openldap": Layout(
        entry_id="entryUUID",
        user_name="uid",
        user_filter="(objectClass=inetOrgPerson)",
        group_filter="(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
        closed_by=("pwdAccountLockedTime", "nsAccountLock", "shadowExpire"),
    ),
    "active-directory": Layout(
        entry_id="objectGUID",
        user_name="sAMAccountName",
        user_filter="(&(objectClass=user)(!(objectClass=computer)))",
        group_filter="(objectClass=group)",
        closed_by=("userAccountControl", "accountExpires"),
    ),
}


@dataclass(frozen=True)
class Configuration:
    """One directory. Servers are tried in their order; each is asked for its certificate."""

    servers: tuple[str, ...]
    bind_dn: str
    user_base: str
    group_base: str
    layout: Layout
    bind_password: str = field(default="", repr=False)
    start_tls: bool = True
    ca_file: str = ""
    user_filter: str = ""
    group_filter: str = ""
    user_name: str = ""
    entry_id: str = ""
    first_name: str = "givenName"
    last_name: str = "sn"
    email: str = "mail"
    member: tuple[str, ...] = ("member", "uniqueMember")
    nested_groups: bool = True
    required_group: str = ""
    seconds: int = 5

    def __post_init__(self) -> None:
        """Take from the layout what is not said otherwise, and refuse what is not safe."""
        for name in ("user_filter", "group_filter", "user_name", "entry_id"):
            if not getattr(self, name):
                object.__setattr__(self, name, getattr(self.layout, name))
        for server in self.servers:
            scheme, host, _ = parts(server)
            if scheme == "ldap" and not self.start_tls and not is_this_machine(host):
                raise Misconfigured(
                    "LDAP_START_TLS=no would send passwords in clear. Leave it out, or write "
                    "ldaps:// in LDAP_URI; only 127.0.0.1 is spoken to without TLS, for tests."
                )

    @property
    def attributes(self) -> list[str]:
        """What is read of a person; nothing else is."""
        wanted = (self.user_name, self.first_name, self.last_name, self.email, self.entry_id)
        return [*wanted, *self.layout.closed_by]

    def starts_tls_at(self, server: str) -> bool:
        """Whether a connection to this server begins in clear and is then made safe."""
        return self.start_tls and server.startswith("ldap://")

    @property
    def speaks_in_clear(self) -> bool:
        """Whether something goes without TLS, which only tests on this machine do."""
        return any(server.startswith("ldap://") for server in self.servers) and not self.start_tls


def parts(server: str) -> tuple[str, str, int]:
    """Return scheme, host and port of one server's address. Raises Misconfigured."""
    try:
        address = urlsplit(server)
        port = address.port
    except ValueError:
        raise Misconfigured("LDAP_URI has a port that is no number.") from None
    if address.scheme not in PORTS or not address.hostname:
        raise Misconfigured(
            "LDAP_URI must read like ldaps://ldap.example.org or ldap://ldap.example.org:389."
        )
    if address.path.strip("/") or address.query or address.username:
        raise Misconfigured("LDAP_URI holds the server alone: no base, no user name, no password.")
    return address.scheme, address.hostname, port or PORTS[address.scheme]


def is_this_machine(host: str) -> bool:
    """Tell whether an address is a loopback address; a name is none, whatever it leads to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_closed(attributes: dict[str, str], now: datetime) -> bool:
    """Tell whether an account is disabled, locked for good, or past its last day.

    `attributes` are of lower-case names with their first value. What cannot be read closes: an
    unknown form of "disabled" must not let somebody in.
    """
    try:
        return any(
            (
                int(attributes.get("useraccountcontrol") or 0) & ACCOUNT_IS_DISABLED,
                _is_past(attributes.get("accountexpires"), now),
                attributes.get("nsaccountlock", "").lower() == "true",
                attributes.get("pwdaccountlockedtime") == LOCKED_FOR_GOOD,
                int(attributes.get("shadowexpire") or -1) >= 0
                and UNIX_EPOCH + timedelta(days=int(attributes["shadowexpire"])) <= now,
            )
        )
    except (ValueError, OverflowError):
        return True


def _is_past(value: str | None, now: datetime) -> bool:
    """Tell whether an accountExpires has come: intervals of 100 ns since 1601."""
    if not value or int(value) in NEVER_EXPIRES:
        return False
    return AD_EPOCH + timedelta(microseconds=int(value) // 10) <= now
