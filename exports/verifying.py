"""Verifying a package that somebody has: is it whole, unchanged, and signed by whom it says?

For whoever received a package, so it needs no database: the file, the public key, and the password
of an encrypted one. Read by another library than the one that wrote it.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

import pyzipper

from exports.building.manifest import MANIFEST, SIGNATURE, SUMS, signed_line
from exports.signing import is_signed, key_name

PIECE = 1024 * 1024


def problems_of(path: Path, *, pem: str, password: str = "") -> Iterator[str]:
    """Yield what is wrong with a package, one sentence each; nothing if all is well.

    Names of members are said as they stand in the package.
    """
    try:
        with pyzipper.AESZipFile(path) as package:
            if password:
                package.setpassword(password.encode())
            yield from _problems(package, pem)
    except (BadZipFile, EOFError):
        yield "The file is damaged: it cannot be read as a zip file."
    except RuntimeError:
        yield "The file is encrypted, and this is not its password."


def _problems(package: pyzipper.AESZipFile, pem: str) -> Iterator[str]:
    names = package.namelist()
    missing = [name for name in (MANIFEST, SUMS, SIGNATURE) if name not in names]
    if missing:
        yield f"It has no {' and no '.join(missing)}: it is no package of rDMA, or a part of one."
        return
    manifest = json.loads(package.read(MANIFEST))
    if manifest["signing_key"] != key_name(pem):
        yield f"It names the key {manifest['signing_key']}, and this one is {key_name(pem)}."
    signature = package.read(SIGNATURE).decode("ascii", "replace").strip()
    if not is_signed(signed_line(_sha256(package, MANIFEST)), signature, pem):
        yield "The signature is not this key's over this manifest."
    if len(names) != len(set(names)):
        yield "Two of its files have one name."
    listed = {one["path"]: (one["size"], one["sha256"]) for one in manifest["members"]}
    for name in sorted(set(names) - set(listed) - {MANIFEST, SUMS, SIGNATURE}):
        yield f"{name} is in it, and the manifest does not name it."
    for name, (size, sha256) in listed.items():
        if name not in names:
            yield f"{name} is missing."
        elif package.getinfo(name).file_size != size or _sha256(package, name) != sha256:
            yield f"{name} is not what the manifest says."


def _sha256(package: pyzipper.AESZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with package.open(name) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
