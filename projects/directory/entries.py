"""A connection to the directory, and what is read through it.

django-auth-ldap's own searches can turn an error into "nothing found", which at night would read
as "everybody has left". Here an error ends what is being done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import ldap
from django.utils import timezone
from ldap.filter import escape_filter_chars

from projects.directory.configuration import Configuration, is_closed
from projects.directory.errors import DirectoryAway, NotUnderstood
from projects.directory.names import normal

TOGETHER = 50  # names in one filter
MOST_GROUPS = 2000  # of one person; more is no answer but a fault
TOO_MANY_GROUPS = "Somebody is in more groups than can be: see LDAP_GROUP_BASE."
BROKEN = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.BUSY, ldap.UNAVAILABLE)

Found = tuple[str, dict[str, list[bytes]]]


@dataclass(frozen=True)
class Entry:
    """Somebody in the directory; `entry_id` stays when they are renamed or moved."""

    dn: str
    entry_id: str
    user_name: str
    first_name: str
    last_name: str
    email: str
    is_closed: bool


def connection_options(configuration: Configuration) -> dict[int, Any]:
    """Return what every connection is made with: patience, no referrals, certificates checked."""
    return {
        ldap.OPT_PROTOCOL_VERSION: ldap.VERSION3,
        # a referral would take the password to a server that nobody named
        ldap.OPT_REFERRALS: ldap.OPT_OFF,
        ldap.OPT_NETWORK_TIMEOUT: configuration.seconds,
        ldap.OPT_TIMEOUT: configuration.seconds,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
        ldap.OPT_X_TLS_CACERTFILE: configuration.ca_file,
        ldap.OPT_X_TLS_NEWCTX: 0,  # takes over what stands above, so it comes last
    }


@contextmanager
def open_directory(configuration: Configuration) -> Iterator["Directory"]:
    """Connect to the first server that answers, as the portal's own account.

    Raises DirectoryAway when none does or the account is refused, there and wherever the
    connection breaks inside the block; NotUnderstood for an answer that cannot be relied on.
    """
    directory = _connected(configuration)
    try:
        yield directory
    except ldap.NO_SUCH_OBJECT:
        raise NotUnderstood(
            "The directory has no entry of the name in LDAP_USER_BASE or LDAP_GROUP_BASE."
        ) from None
    except ldap.LDAPError as error:
        raise DirectoryAway(f"The directory broke off ({type(error).__name__}).") from None
    finally:
        with suppress(ldap.LDAPError):
            directory.connection.unbind_s()


def _connected(configuration: Configuration) -> "Directory":
    trouble: list[str] = []
    for server in configuration.servers:
        try:
            connection = ldap.initialize(server)
            for option, value in connection_options(configuration).items():
                connection.set_option(option, value)
            if configuration.starts_tls_at(server):
                connection.start_tls_s()
            connection.simple_bind_s(configuration.bind_dn, configuration.bind_password)
        except ldap.INVALID_CREDENTIALS:
            raise DirectoryAway(
                "The directory refuses LDAP_BIND_DN with LDAP_BIND_PASSWORD."
            ) from None
        except ldap.LDAPError as error:
            trouble.append(type(error).__name__)
        else:
            return Directory(connection, configuration, server)
    raise DirectoryAway(f"The directory cannot be reached ({', '.join(trouble)}).")


class Directory:
    """An open connection, bound as the portal's own account."""

    def __init__(self, connection: Any, configuration: Configuration, server: str) -> None:
        self.connection = connection
        self.configuration = configuration
        self.server = server

    def named(self, user_name: str) -> Entry | None:
        """Return the person who signs in under this name, None if there is nobody.

        Raises NotUnderstood if there are two: the setting LDAP_USER_BASE or LDAP_USER_FILTER lets
        in too much.
        """
        term = f"({self.configuration.user_name}={escape_filter_chars(user_name)})"
        found = self._people(term)
        if len(found) > 1:
            raise NotUnderstood(
                "Several entries have this user name: narrow LDAP_USER_BASE or LDAP_USER_FILTER."
            )
        return found[0] if found else None

    def with_ids(self, entry_ids: Iterable[str]) -> dict[str, Entry]:
        """Return those of these people who are still there, by `entry_id`."""
        attribute = self.configuration.entry_id
        ids = list(entry_ids)
        found: dict[str, Entry] = {}
        for start in range(0, len(ids), TOGETHER):
            terms = [f"({attribute}={self._asked(one)})" for one in ids[start : start + TOGETHER]]
            found |= {entry.entry_id: entry for entry in self._people(f"(|{''.join(terms)})")}
        return found

    def groups_of(self, dn: str) -> dict[str, str]:
        """Return the groups that somebody is in: names as written, by names in normal form.

        With `nested_groups`, those that their groups are in too, however deep; a circle of groups
        ends where it began. Raises NotUnderstood for more than the directory tells, or can be.
        """
        found: dict[str, str] = {}
        asked = [dn]
        while asked:
            new: dict[str, str] = {}
            for start in range(0, len(asked), TOGETHER):
                for group, _ in self._groups(self._has_member(asked[start : start + TOGETHER])):
                    new[normal(group)] = group
            asked = [group for key, group in new.items() if key not in found]
            found |= new
            if len(found) > MOST_GROUPS:
                raise NotUnderstood(TOO_MANY_GROUPS)
            if not self.configuration.nested_groups:
                break
        return found

    def has_anybody(self) -> bool:
        """Tell whether there is anybody at all where people are looked for."""
        return self._any(self.configuration.user_base, self.configuration.user_filter)

    def has_any_group(self) -> bool:
        """Tell whether there is a group with members that may be read, where groups are."""
        members = "".join(f"({name}=*)" for name in self.configuration.member)
        term = f"(&{self.configuration.group_filter}(|{members}))"
        return self._any(self.configuration.group_base, term)

    def has_entry(self, dn: str) -> bool:
        """Tell whether an entry of this name is there, and may be seen.

        People type these names. An answer to a wrong one (Active Directory points elsewhere for
        what lies outside of its domain) is said of that name alone; a broken connection is not.
        """
        try:
            self.connection.search_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", ["1.1"])
        except BROKEN:
            raise
        except ldap.LDAPError:
            return False
        return True

    def _any(self, base: str, term: str) -> bool:
        try:
            found = self.connection.search_ext_s(
                base, ldap.SCOPE_SUBTREE, term, ["1.1"], sizelimit=1
            )
        except ldap.SIZELIMIT_EXCEEDED:
            return True
        return any(dn is not None for dn, _ in found)

    def _people(self, term: str) -> list[Entry]:
        found = self._search(
            self.configuration.user_base,
            f"(&{self.configuration.user_filter}{term})",
            self.configuration.attributes,
        )
        return [self._entry(dn, attributes) for dn, attributes in found]

    def _groups(self, term: str) -> list[Found]:
        asked = f"(&{self.configuration.group_filter}{term})"
        try:
            return self._search(self.configuration.group_base, asked, ["1.1"])
        except (ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED):
            raise NotUnderstood(TOO_MANY_GROUPS) from None

    def _search(self, base: str, term: str, attributes: list[str]) -> list[Found]:
        """Search below a base; what only points to another server is left out."""
        found = self.connection.search_s(base, ldap.SCOPE_SUBTREE, term, attributes)
        return [(dn, values) for dn, values in found if dn is not None]

    def _has_member(self, dns: list[str]) -> str:
        members = self.configuration.member
        terms = [f"({name}={escape_filter_chars(dn)})" for name in members for dn in dns]
        return f"(|{''.join(terms)})"

    def _entry(self, dn: str, attributes: dict[str, list[bytes]]) -> Entry:
        configuration = self.configuration
        raw = {name.lower(): values[0] for name, values in attributes.items() if values}
        entry_id = raw.pop(configuration.entry_id.lower(), b"")
        if not entry_id:
            raise NotUnderstood(
                f"The directory does not show {configuration.entry_id}: LDAP_BIND_DN must be "
                "allowed to read it."
            )
        values = {name: value.decode("utf-8", "replace") for name, value in raw.items()}
        return Entry(
            dn=dn,
            entry_id=entry_id.hex() if self._is_binary else entry_id.decode("ascii", "replace"),
            user_name=values.get(configuration.user_name.lower(), "").strip().lower(),
            first_name=_line(values.get(configuration.first_name.lower(), ""))[:150],
            last_name=_line(values.get(configuration.last_name.lower(), ""))[:150],
            email=_line(values.get(configuration.email.lower(), ""))[:254],
            is_closed=is_closed(values, timezone.now()),
        )

    @property
    def _is_binary(self) -> bool:
        return self.configuration.entry_id.lower() == "objectguid"

    def _asked(self, entry_id: str) -> str:
        """Write an entry's number as a filter takes it."""
        if self._is_binary:
            return "".join(f"\\{byte:02x}" for byte in bytes.fromhex(entry_id))
        return escape_filter_chars(entry_id)


def _line(value: str) -> str:
    """Return what people may write of themselves without NUL, which PostgreSQL cannot hold.

    A user name is not mended: it would become another one.
    """
    return value.replace("\0", "")
