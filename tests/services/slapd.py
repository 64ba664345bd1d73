"""OpenLDAP's own server with TLS: its authority is drawn for it, its people are invented.

    dc=example,dc=org
    ├── cn=portal                    the account with which rDMA looks people up
    ├── ou=people                    uid=kari (Kari Moen), uid=åse (Åse Sjøø), …
    └── ou=groups                    what a test adds

libldap compares a certificate for `localhost` with the machine's own name, so it is 127.0.0.1.
"""

import ipaddress
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.services.process import executable, free_port, is_listening, running

SUFFIX = "dc=example,dc=org"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
PORTAL, PORTAL_PASSWORD = f"cn=portal,{SUFFIX}", "the portal's own, for tests"
ROOT, ROOT_PASSWORD = f"cn=root,{SUFFIX}", "changes what a test wants changed"
PASSWORD = "an invented password of the directory"
SCHEMAS = ("core", "cosine", "nis", "inetorgperson")
# What Active Directory has of its own, as far as rDMA asks for it, under numbers nobody has.
OF_ACTIVE_DIRECTORY = """
attributetype ( 1.1.1.1 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.1.1.2 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.1.1.3 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.1.1.4 NAME 'accountExpires' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.1.2.1 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( sAMAccountName $ objectGUID $ userAccountControl $ accountExpires ) )
objectclass ( 1.1.2.2 NAME 'computer' SUP user STRUCTURAL )
objectclass ( 1.1.2.3 NAME 'group' SUP top STRUCTURAL MUST cn MAY member )
"""  # noqa: E501 - slapd takes a line that begins with a space for the end of the one above

KARI = f"uid=kari,{PEOPLE}"


def person(uid: str, first: str, last: str, **more: str) -> list[tuple[str, list[bytes]]]:
    """Return the attributes of somebody who signs in with PASSWORD."""
    values = {"uid": uid, "cn": f"{first} {last}", "givenName": first, "sn": last}
    values |= {"userPassword": PASSWORD, "mail": "somebody@example.org", **more}
    return [
        ("objectClass", [b"inetOrgPerson", b"shadowAccount"]),
        *((name, [value.encode()]) for name, value in values.items()),
    ]


@dataclass(frozen=True)
class Slapd:
    """A running slapd, and a connection that may change everything in it."""

    port: int
    tls_port: int
    ca_file: Path
    admin: Any

    @property
    def uri(self) -> str:
        """Where it begins in clear and starts TLS."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_uri(self) -> str:
        """Where it speaks TLS from the first byte."""
        return f"ldaps://127.0.0.1:{self.tls_port}"

    def add(self, dn: str, attributes: list[tuple[str, list[bytes]]]) -> str:
        """Add an entry, and return its name."""
        self.admin.add_s(dn, attributes)
        return dn

    def add_person(self, uid: str, first: str = "Kari", last: str = "Moen", **more: str) -> str:
        """Add somebody below ou=people."""
        return self.add(f"uid={uid},{PEOPLE}", person(uid, first, last, **more))

    def add_group(self, name: str, *members: str) -> str:
        """Add a group; `name` is written as in a distinguished name."""
        plain = name.replace("\\", "")
        attributes = [("objectClass", [b"groupOfNames"]), ("cn", [plain.encode()])]
        attributes.append(("member", [one.encode() for one in members or (PORTAL,)]))
        return self.add(f"cn={name},{GROUPS}", attributes)

    def join(self, group: str, member: str) -> None:
        """Put somebody into a group."""
        self.admin.modify_s(group, [(0, "member", [member.encode()])])

    def leave(self, group: str, member: str) -> None:
        """Take somebody out of a group; the portal's account keeps it from being empty."""
        self.join(group, PORTAL)
        self.admin.modify_s(group, [(1, "member", [member.encode()])])

    def replace(self, dn: str, attribute: str, value: str) -> None:
        """Give an attribute one value."""
        self.admin.modify_s(dn, [(2, attribute, [value.encode()])])


@dataclass(frozen=True)
class Authority:
    """Who signs certificates: one of the test's own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def drawn(cls) -> "Authority":
        """Make one."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Invented authority")])
        now = datetime.now(UTC)
        certificate = (
            _builder(name, name, key, now - timedelta(days=90), now + timedelta(days=90))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def write(self, path: Path) -> Path:
        """Write down the certificate."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def sign_server(self, folder: Path, *, address: str, days: int) -> None:
        """Write `cert.pem` and `key.pem` of a server, good for `days` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Invented directory")])
        now = datetime.now(UTC)
        until = now + timedelta(days=days)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = (
            _builder(name, self.certificate.subject, key, now - timedelta(days=60), until)
            .add_extension(names, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The one whom the tests trust."""
    return Authority.drawn()


@pytest.fixture
def start_slapd(tmp_path: Path, authority: Authority) -> Iterator[Callable[..., Slapd]]:
    """Start servers as the test needs them; all end with it.

    `address` and `days` are what its certificate says; `port` brings back one that was away.
    """
    # late: what speaks LDAP is built where the tests run, and nowhere else
    import ldap

    with ExitStack() as servers:

        def start(*, port: int | None = None, address: str = "127.0.0.1", days: int = 30) -> Slapd:
            port, tls_port = port or free_port(), free_port()
            folder = tmp_path / f"slapd-{port}"
            (folder / "db").mkdir(parents=True)
            ca_file = authority.write(folder / "ca.pem")
            authority.sign_server(folder, address=address, days=days)
            _fill(folder)
            addresses = f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/"
            command = [executable("slapd", package="slapd"), "-d", "0", "-h", addresses]
            command += ["-f", str(folder / "slapd.conf")]
            servers.enter_context(
                running(command, log=folder / "log", is_ready=lambda: is_listening(tls_port))
            )
            admin = ldap.initialize(f"ldap://127.0.0.1:{port}")
            admin.simple_bind_s(ROOT, ROOT_PASSWORD)
            servers.callback(admin.unbind_s)
            return Slapd(port, tls_port, ca_file, admin)

        yield start


@pytest.fixture
def slapd(start_slapd: Callable[..., Slapd]) -> Slapd:
    """One server with Kari in it, and somebody and a group besides, as in every hospital."""
    server = start_slapd()
    server.add_person("kari")
    server.add_person("somebody", "Some", "Body")
    server.add_group("everybody", KARI)
    return server


def _fill(folder: Path) -> None:
    """Write the configuration, and load the entries above people and groups."""
    includes = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in SCHEMAS)
    (folder / "slapd.conf").write_text(
        f"{includes}{OF_ACTIVE_DIRECTORY}pidfile {folder}/pid\nargsfile {folder}/args\n"
        "modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"TLSCACertificateFile {folder}/ca.pem\nTLSCertificateFile {folder}/cert.pem\n"
        f"TLSCertificateKeyFile {folder}/key.pem\n"
        f'database mdb\nmaxsize 16777216\nsuffix "{SUFFIX}"\ndirectory {folder}/db\n'
        f'rootdn "{ROOT}"\nrootpw "{ROOT_PASSWORD}"\n'
        "access to attrs=userPassword by anonymous auth by * none\n"
        f'access to * by dn="{PORTAL}" read by * none\n'
    )
    entries = folder / "entries.ldif"
    entries.write_text(
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\n"
        f"dc: example\n\n"
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n\n"
        f"dn: {GROUPS}\nobjectClass: organizationalUnit\nou: groups\n\n"
        f"dn: {PORTAL}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
        f"cn: portal\nuserPassword: {PORTAL_PASSWORD}\n"
    )
    slapadd = executable("slapadd", package="slapd")
    command = [slapadd, "-q", "-f", str(folder / "slapd.conf"), "-l", str(entries)]
    subprocess.run(command, check=True, capture_output=True)
