"""Distinguished names (RFC 4514): two spellings of one name are one name."""

import unicodedata

from projects.directory.errors import NotUnderstood


def normal(dn: str) -> str:
    """Return a distinguished name in normal form: folded, without needless spaces and escapes.

    Directories compare names without regard to case and repeated spaces (RFC 4518), and write the
    same comma as `\\,` or `\\2C`. Raises NotUnderstood for what is no distinguished name.
    """
    # late: the extra [ldap] need not be installed where there is no directory
    import ldap
    from ldap.dn import escape_dn_chars, str2dn

    try:
        parts = str2dn(dn.strip(), ldap.DN_FORMAT_LDAPV3)
    except (ldap.DECODING_ERROR, ValueError):
        parts = []
    if not parts:
        raise NotUnderstood("A distinguished name reads like cn=bicam,ou=groups,dc=example,dc=org.")
    return ",".join(
        "+".join(
            sorted(
                f"{attribute.lower()}={escape_dn_chars(_folded(value))}"
                for attribute, value, _ in relative
            )
        )
        for relative in parts
    )


def _folded(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
