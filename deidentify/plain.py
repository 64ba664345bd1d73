"""A text as its writer meant it, with the way back to the letters as they stand.

Texts arrive with UTF-8 read as Latin-1 (once or twice), in UTF-16, letters and accents apart,
invisible characters between letters, or letters written as entities and codes. All of it is
read here; what is cut out is cut out of the text as it stood.
"""

import re
import unicodedata

_NEXT = "\x80-\x9f\xa1-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘“”•—˜™š›œžŸ"
_ANY = _NEXT + "\xa0’–"
# Å and Ä are letters that people write before a space, a quote or a dash.
_MISREAD = (
    f"[\xc2\xc3\xce-\xd1][{_ANY}]|[\xc4\xc5][{_NEXT}]"
    f"|[\xe0-\xef][{_ANY}]{{2}}|[\xf0-\xf4][{_ANY}]{{3}}"
)
_ODD = (
    f"{_MISREAD}"
    "|[\x7f-\xa0\xad\u0300-\u036f\u2000-\u200f\u2028-\u202f\u2060-\u2064\u3000\u3099\u309a"
    "\ufeff\uff01-\uffee]"
)
_ESCAPED = re.compile(r"\\[ux][0-9a-fA-F]{2}")
_ZEROS = r"(?:\0[^\0]){3,}|(?:[^\0]\0){3,}"
_CODED = re.compile(
    r"&#(\d{2,6});|&#[xX]([0-9a-fA-F]{2,5});|&(\w{2,8};)"
    r"|((?:%[0-9A-Fa-f]{2})+)|((?:=[C-F][0-9A-F]=[89AB][0-9A-F])+)|\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))"
)
_DROPPED = frozenset("\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


def plain(text: str) -> tuple[str, list[int] | None]:
    """Return what a text says, and where each of its characters begins in the text itself.

    The list has one entry more than there are characters: the text's own length. It is None
    where nothing had to be done, which is nearly always.
    """
    places = None
    if "\0" in text:
        text, places = _without_zeros(text)
    if text.isascii():
        if "&" not in text and "%" not in text and not _ESCAPED.search(text) and "=C" not in text:
            return text, places
    elif (
        not re.search(_ODD, text)
        and "&" not in text
        and "%" not in text
        and not _ESCAPED.search(text)
    ):
        return text, places
    places = places or list(range(len(text) + 1))
    for _ in range(2):
        # Twice, because what was misread twice has to be read back twice.
        text, places = _once(text, places)
        if text.isascii() or not re.search(_ODD, text):
            break
    return text, places


def _without_zeros(text: str) -> tuple[str, list[int]]:
    """A text of which every other letter is a zero, as UTF-16 looks like, without them."""
    zeros = {
        match.start() + number
        for match in re.finditer(_ZEROS, text)
        for number, letter in enumerate(match[0])
        if letter == "\0"
    }
    kept = [number for number in range(len(text)) if number not in zeros]
    return "".join(text[number] for number in kept), [*kept, len(text)]


def _once(text: str, places: list[int]) -> tuple[str, list[int]]:
    letters: list[str] = []
    starts: list[int] = []
    position = 0
    misreadings = re.compile(_MISREAD)
    while position < len(text):
        letter = text[position]
        end = position + 1
        read = ""
        if letter in "&%=\\" and (coded := _CODED.match(text, position)):
            read, end = _from_code(coded), coded.end()
        elif "\xc2" <= letter <= "\xf4" and (misread := misreadings.match(text, position)):
            read, end = _from_misread(misread[0]), misread.end()
        if not read:
            read, end = _from_letter(letter), position + 1
            if not read and letters and unicodedata.combining(letter):
                whole = unicodedata.normalize("NFC", letters[-1] + letter)
                if len(whole) == 1:
                    letters[-1] = whole
        for one in read:
            letters.append(one)
            starts.append(places[position])
        position = end
    return "".join(letters), [*starts, places[-1]]


def _from_letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _DROPPED or unicodedata.combining(letter):
        return ""
    if letter.isspace():
        return " "
    return unicodedata.normalize("NFKC", letter) if "\uff00" <= letter <= "\uffef" else letter


def _from_misread(run: str) -> str:
    """The letter that two to four others are when read as UTF-8, "" if they are none."""
    raw = bytearray()
    for letter in run:
        raw += bytes([ord(letter)]) if ord(letter) < 256 else letter.encode("cp1252")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""


def _from_code(match: re.Match[str]) -> str:
    decimal, hexadecimal, entity, percent, quoted, *escaped = match.groups()
    if entity:
        # Imported late: two thousand names of letters that hardly any text has.
        from html.entities import html5

        return html5.get(entity, "")
    if percent or quoted:
        return bytes.fromhex((percent or quoted).replace("%", "").replace("=", "")).decode(
            "utf-8", "replace"
        )
    code = int(decimal) if decimal else int(hexadecimal or escaped[0] or escaped[1], 16)
    return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
