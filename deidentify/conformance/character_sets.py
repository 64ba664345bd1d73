"""Whether a text is written in the character set that its file declares.

Source: DICOM PS3.3 C.12.1.1.2, PS3.5 section 6.1 (repertoires, code extension).
"""

CODECS = {
    b"": "ascii", b"ISO_IR 6": "ascii", b"ISO_IR 100": "latin-1", b"ISO_IR 101": "iso8859_2",
    b"ISO_IR 109": "iso8859_3", b"ISO_IR 110": "iso8859_4", b"ISO_IR 144": "iso8859_5",
    b"ISO_IR 127": "iso8859_6", b"ISO_IR 126": "iso8859_7", b"ISO_IR 138": "iso8859_8",
    b"ISO_IR 148": "iso8859_9", b"ISO_IR 203": "iso8859_15", b"ISO_IR 166": "tis_620",
    b"ISO_IR 13": "shift_jis", b"ISO_IR 192": "utf-8", b"GB18030": "gb18030", b"GBK": "gbk",
}  # fmt: skip
EXTENSIONS = frozenset(
    {b"ISO 2022 IR 87", b"ISO 2022 IR 159", b"ISO 2022 IR 149", b"ISO 2022 IR 58"}
)
ESCAPE = b"\x1b"
LINES = frozenset("\t\n\f\r")


def fits(value: bytes, charset: bytes, *, has_lines: bool) -> str | None:
    """Return a text as its character set reads it; None if it holds what may not be there.

    Texts with escape sequences are read byte by byte: which letters they are is not decided
    here, and their number is taken for that of their bytes without the sequences.

    Args:
        value: as in the file.
        charset: Specific Character Set, all its terms.
        has_lines: whether the VR may hold line ends and tabulators.
    """
    terms = [term.strip() for term in charset.split(b"\\")]
    if ESCAPE in value:
        return _without_escapes(value) if len(terms) > 1 or b"2022" in terms[0] else None
    codec = CODECS.get(terms[0].replace(b"ISO 2022 IR", b"ISO_IR"))
    if codec is None:
        return value.decode("latin-1") if value.isascii() else None
    try:
        text = value.decode(codec)
    except UnicodeDecodeError:
        # A set that is called up by an escape sequence may be called up by none where its
        # bytes say enough (IR 149, IR 58).
        return value.decode("latin-1") if len(terms) > 1 else None
    allowed = LINES if has_lines else frozenset()
    if any(
        (letter < " " or "\x7f" <= letter < "\xa0") and letter not in allowed for letter in text
    ):
        return None
    return text


def _without_escapes(value: bytes) -> str:
    """The bytes between escape sequences, of which each is three or four bytes long."""
    first, *others = value.split(ESCAPE)
    kept = [first]
    for piece in others:
        kept.append(piece[3 if piece[:1] == b"$" and piece[1:2] in b"()" else 2 :])
    return b"".join(kept).decode("latin-1")


def is_known(charset: bytes) -> bool:
    """Whether all terms of a Specific Character Set are of the standard."""
    for term in charset.split(b"\\"):
        plain = term.strip().replace(b"ISO 2022 IR", b"ISO_IR")
        if plain not in CODECS and term.strip() not in EXTENSIONS:
            return False
    return True
