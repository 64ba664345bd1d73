"""The password of an encrypted package: drawn once, kept wrapped, gone with the file.

An encrypted package has one secret of its own, wrapped under its project's key. The password and
the salts of its members are derived from it, so that a worker who takes over seals as the one
before did.
"""

from exports.models import Package
from exports.sealing import Seal
from projects.errors import KeyUnavailable
from projects.keyring import new_key
from projects.keys.deriving import derive
from projects.keys.opening import open_by_project, wrap_by_project
from projects.models import Project

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another one
GROUPS, GROUP = 5, 5


def draw_secret(project: Project) -> bytes:
    """Draw the secret of a new package, wrapped; inside the transaction that saves it.

    Raises KeyUnavailable.
    """
    return wrap_by_project(new_key(), project)


def package_password(package: Package) -> str:
    """Return the password: five groups of five letters and digits, some 120 bits.

    Raises KeyUnavailable if the package is not encrypted, or its file is gone and with it the
    password. Whoever shows it to a person writes that down.
    """
    number = int.from_bytes(derive(_secret(package), "package password"))
    signs = []
    for _ in range(GROUPS * GROUP):
        number, sign = divmod(number, len(LETTERS))
        signs.append(LETTERS[sign])
    word = "".join(signs)
    return "-".join(word[start : start + GROUP] for start in range(0, len(word), GROUP))


def seal_of(package: Package) -> Seal | None:
    """Return what encrypts a package's members; None if it is not to be encrypted."""
    if not package.spec.is_encrypted:
        return None
    return Seal(package_password(package), derive(_secret(package), "package salts"))


def _secret(package: Package) -> bytes:
    if not package.wrapped_secret:
        raise KeyUnavailable("This package has no password, or has it no more.")
    return open_by_project(package)
