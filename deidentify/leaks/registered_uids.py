"""Which UIDs name a thing of the standard, or a vendor's class: nobody's, and no finding.

The root of DICOM is no proof: programs have numbered instances below it. So below it only what
PS3.6 Annex A registers counts, and the context groups of PS3.16, of which pydicom keeps no list.
"""

from __future__ import annotations

import re
from functools import lru_cache

ROOT = "1.2.840.10008."
_is_context_group = re.compile(r"1\.2\.840\.10008\.6\.1\.[1-9]\d{0,3}").fullmatch
_is_short = re.compile(r"[12](?:\.\d{1,7}){4,15}").fullmatch
_UUID_ROOT = "2.25."


@lru_cache(maxsize=4096)
def is_registered(uid: str) -> bool:
    """Whether the standard itself gives this UID a meaning (PS3.6 Annex A)."""
    return uid.startswith(ROOT) and (uid in _registry() or _is_context_group(uid) is not None)


@lru_cache(maxsize=4096)
def is_class(uid: str) -> bool:
    """Whether a UID found where a class, a syntax or a scheme belongs may be one.

    Numbers of classes, programs and schemes are small; those of instances hold times, serial
    numbers and random ones. Files with an instance's UID in such a place have been seen.
    """
    return _is_short(uid) is not None and not uid.startswith(_UUID_ROOT)


@lru_cache(maxsize=1)
def _registry() -> frozenset[str]:
    # late: only files with a UID of DICOM's root in an unusual place need it
    from pydicom._uid_dict import UID_dictionary

    return frozenset(UID_dictionary)
