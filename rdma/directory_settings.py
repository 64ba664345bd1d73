"""The hospital's directory as the environment names it; None when LDAP_URI is not set."""

import importlib.util
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from projects.directory.configuration import LAYOUTS, Configuration, Misconfigured
from rdma.environment import env, env_bool, env_int

SYSTEM_CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def directory() -> Configuration | None:
    """Read LDAP_*. Raises ImproperlyConfigured where it cannot be used, or would not be safe."""
    uri = env("LDAP_URI", "")
    if not uri:
        return None
    if any(importlib.util.find_spec(name) is None for name in ("ldap", "django_auth_ldap")):
        raise ImproperlyConfigured(
            "LDAP_URI is set, and what speaks LDAP is not installed: run `make ldap`, or take "
            "LDAP_URI out. docs/operations.md, Signing in, tells more."
        )
    layout = env("LDAP_LAYOUT", "openldap")
    if layout not in LAYOUTS:
        raise ImproperlyConfigured(f"LDAP_LAYOUT must be one of {', '.join(LAYOUTS)}.")
    ca_file = env("LDAP_CA_BUNDLE", SYSTEM_CA_FILE)
    if not Path(ca_file).is_file():
        raise ImproperlyConfigured(
            "LDAP_CA_BUNDLE must be a file with the certificates of those who sign the server's."
        )
    try:
        return Configuration(
            servers=tuple(uri.replace(",", " ").split()),
            layout=LAYOUTS[layout],
            bind_dn=_needed("LDAP_BIND_DN", env("LDAP_BIND_DN", "")),
            bind_password=_needed("LDAP_BIND_PASSWORD", env("LDAP_BIND_PASSWORD", "")),
            user_base=_needed("LDAP_USER_BASE", env("LDAP_USER_BASE", "")),
            group_base=_needed("LDAP_GROUP_BASE", env("LDAP_GROUP_BASE", "")),
            start_tls=env_bool("LDAP_START_TLS", default=True),
            ca_file=ca_file,
            user_filter=_filter("LDAP_USER_FILTER", env("LDAP_USER_FILTER", "")),
            group_filter=_filter("LDAP_GROUP_FILTER", env("LDAP_GROUP_FILTER", "")),
            user_name=_attribute("LDAP_USER_NAME", env("LDAP_USER_NAME", "")),
            first_name=_attribute("LDAP_FIRST_NAME", env("LDAP_FIRST_NAME", "givenName")),
            last_name=_attribute("LDAP_LAST_NAME", env("LDAP_LAST_NAME", "sn")),
            email=_attribute("LDAP_EMAIL", env("LDAP_EMAIL", "mail")),
            nested_groups=env_bool("LDAP_NESTED_GROUPS", default=True),
            required_group=env("LDAP_REQUIRED_GROUP", ""),
            seconds=env_int("LDAP_SECONDS", 5),
        )
    except Misconfigured as error:
        raise ImproperlyConfigured(str(error)) from None


def _needed(name: str, value: str) -> str:
    """Refuse an empty value: an empty bind is an anonymous one, an empty base the whole tree."""
    if not value:
        raise ImproperlyConfigured(f"LDAP_URI is set: set {name} too (see .env.example).")
    return value


def _filter(name: str, value: str) -> str:
    if value and not (value.startswith("(") and value.endswith(")")):
        raise ImproperlyConfigured(f"{name} must stand in brackets, as (objectClass=person).")
    return value


def _attribute(name: str, value: str) -> str:
    if value and not ATTRIBUTE.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be the name of one attribute, as sAMAccountName.")
    return value
