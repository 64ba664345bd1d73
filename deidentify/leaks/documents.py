"""Encapsulated documents: what a PDF says, in its pages and behind them, and the text of XML.

What cannot be read is said, so that a document is never taken for clean because it is locked, or
because its pages are pictures.

Sources: ISO 32000 (PDF); DICOM PS3.3 C.24 (Encapsulated Document).
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfReader

_HEAD = 1024
MOST_PAGES = 2000
LOCKED = "The document is locked: what it says cannot be read."
UNREADABLE = "The document is damaged or in a form that cannot be read."
PICTURES = "Pages of the document are pictures: what they show cannot be read."
TOO_LONG = "The document has more pages than are read."
_tag = re.compile(rb"<[^<>]{1,4000}>")


def is_document(value: bytes) -> bool:
    """Say whether a value is a PDF or XML document."""
    head = value[:_HEAD]
    return b"%PDF-" in head or head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml")


def read_document(value: bytes) -> tuple[list[bytes], list[str]]:
    """Return the texts of a document as UTF-8, and sentences about what could not be read."""
    if b"%PDF-" not in value[:_HEAD]:
        return [_tag.sub(b" ", value)], []
    # late: only documents need it, and it is heavy
    from pypdf import PdfReader

    quiet = logging.getLogger("pypdf")
    quiet.setLevel(logging.CRITICAL)  # its warnings quote the document
    trouble: list[str] = []
    texts: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(value), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return [], [LOCKED]
        texts += _behind_the_pages(reader)
        for number, page in enumerate(reader.pages):
            if number >= MOST_PAGES:
                trouble.append(TOO_LONG)
                break
            text = page.extract_text()
            texts += [text, *_notes(page)]
            if not text.strip() and _has_pictures(page):
                trouble.append(PICTURES)
    except Exception:  # noqa: BLE001 - a broken document raises anything, and is held
        trouble.append(UNREADABLE)
    return [text.encode("utf-8", "replace") for text in texts], sorted(set(trouble))


def _behind_the_pages(reader: PdfReader) -> Iterator[str]:
    """Yield metadata, form fields, bookmarks, and the names and texts of attached files."""
    for value in (reader.metadata or {}).values():
        yield str(value)
    root: Any = reader.trailer["/Root"]
    if "/Metadata" in root:
        yield root["/Metadata"].get_data().decode("utf-8", "replace")
    for name, field in (reader.get_fields() or {}).items():
        yield f"{name} {field.get('/V', '')}"
    yield from _titles(reader.outline)
    for name, contents in reader.attachments.items():
        yield name
        for content in contents:
            yield content.decode("utf-8", "replace")


def _titles(outline: list[Any]) -> Iterator[str]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _titles(entry)
        else:
            yield str(entry.title)


def _notes(page: Any) -> Iterator[str]:
    for note in page.get("/Annots") or []:
        yield str(note.get_object().get("/Contents", ""))


def _has_pictures(page: Any) -> bool:
    return bool(page.images.keys())
