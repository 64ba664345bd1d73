"""People whom no header names, but whom words announce: henvist av, v/, dr., pas., for.

Where the announcement is strong the name goes. Where it is weak the text stays. Patterns are
compiled when first needed, since most runs meet no announcement at all.
"""

import re

from deidentify.words import is_eponym, is_ordinary, is_product, is_title

Span = tuple[int, int]

_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_NAME = rf"[{_UPPER}](?:[{_LOWER}]+|\.)(?:[-'’][{_UPPER}][{_LOWER}]+)?"
_PERSON = rf"({_NAME}(?:,?[ ]{_NAME})?(?:[ ]{_NAME}){{0,2}})(?!\w)"
_CAPITALS = rf"([{_UPPER}]{{3,}}(?:,?[ ][{_UPPER}]{{3,}}){{1,3}})(?!\w)"
_TITLE = r"(?:(?i:dr|doktor|doctor|lege|overlege|prof|professor|fru|herr|mr|mrs|ms)\b\.?[ ]?){0,2}"
_DONE = (
    "henvist|henv|rekvirert|rekv|bestilt|utført|undersøkt|beskrevet|beskr|gransket|granskes|tatt|"
    "besvart|signert|ønsket|godkjent|kontrollert|lest|vurdert|skrevet|diktert|operert|tolket|"
    "skannet|scannet|kjørt|injisert|innlagt"
)
_DID = (
    "ordered|referred|requested|performed|reported|read|reviewed|acquired|approved|dictated|"
    "transcribed|scanned|entered|verified|authori[sz]ed|interpreted|signed|prepared|checked"
)
_BY = rf"(?:(?:{_DONE})\.? av|(?:{_DID}) by|signert|mvh|hilsen|svar til|kopi til)"
_STRONG = rf"(?:(?<!\w)(?i:{_BY}[:.,]?\s{{1,3}}|v/[ ]?|c/o[ ]?|att[:.][ ]?)){_TITLE}{_PERSON}"
_STRONG_CAPITALS = rf"(?<!\w)(?i:{_BY}:?[ ]|v/[ ]?|c/o[ ]?){_CAPITALS}"
_STAFF = (
    r"radiograf|radiolog|lege|overlege|fastlege|turnuslege|vaktlege|anestesilege|assistentlege|"
    r"avdelingslege|kommunelege|LIS-lege|sykepleier|anestesisykepleier|intensivsykepleier|"
    r"hjelpepleier|spl|operatør|tekniker|bioingeniør|jordmor|kirurg|ortoped|nevrolog|kardiolog|"
    r"onkolog|gynekolog|pediater|fysioterapeut|manuellterapeut|ergoterapeut|kiropraktor|physician|radiographer|radiologist|technologist|surgeon"
)
# Whoever is spoken of so is a person, though one word follows: overlege Hegstad.
_SURELY = re.compile(r"(?i)(?:dr|doktor|doctor|prof|professor|spl|sign|[\w-]*lege)(?![^\W_])")
_ROLE = (
    rf"(?<!\w)(?i:{_STAFF}|kontakt(?:person)?|ref|henv|rekv|rekvirent|henviser|operator|"
    r"assistent|attending|opr|beskr|lis|sign|tech|professor|prof|doktor|doctor|dr)"
    rf"((?:\.|:|\.:)?[ ]{_TITLE}|(?<=[Dd]r)\.){_PERSON}"
)
_THEN_ROLE = (
    rf"(?<!\w)({_NAME}(?:[ ]{_NAME}){{1,2}})"
    rf"(?=(?:,[ ]?|[ ]?\()(?i:{_STAFF}|md|m\.d\.)(?!\w))"
)
_WITH = (
    r"(?<!\w)(?i:konf(?:erert|ererer|\.)?|diskutert|drøftet|snakket|avtale|avtalt|avt\.?|samråd)"
    rf"[ ](?i:med[ ]|m/[ ]?|m\.[ ]?)({_TITLE}){_PERSON}"
)
_PATIENT = (
    r"(?<!\w)(?i:(?:pas|pt)[.:]+|(?:pasient|pasienten|patient|patient name|pasientnavn|navn|name)"
    rf"[:=])[ ]?{_PERSON}"
)
_PATIENT_CAPITALS = (
    r"(?<!\w)(?i:(?:pas|pt|pasient|pasienten|patient|patient name|pasientnavn|navn)[.:=]+)[ ]?"
    rf"{_CAPITALS}"
)
_KIN = (
    r"(?<!\w)(?i:navn|mor|moren|far|faren|pårørende|ektefelle|ektefellen|ektemann|mann|datter|"
    r"datteren|sønn|sønnen|kone|konen|kona|samboer|samboeren|bror|broren|søster|søsteren|"
    r"tvilling(?:bror|søster)?(?: til| av)?|verge|foresatte?|bestemor|bestefar|mormor|morfar|"
    r"farmor|farfar|tante|onkel|nabo|venn|venninne|heter|"
    rf"mother|father|husband|wife|next of kin)(:?[ ]){_PERSON}"
)
_FOR = rf"(?<!\w)(?:[Ff]or|(?i:tolk|interpreter):?)[ ]({_NAME}(?:[ ]{_NAME}){{1,2}})(?!\w)"
_FOLLOWS = (
    r"(?i)(?<!\w)(?:for|v/|c/o|av|by|dr\.?|lege:?|overlege|radiograf:?|radiolog:?|sign\.?|ref[.:]*|"
    r"pas\.?:?|pasient(?:en)?:?|pt\.?:?|patient:?|navn[:=]?|name[:=]?|mor:?|far:?|pårørende:?)[ ]?$"
)
_IS_STAFF = re.compile(f"(?i){_STAFF}")
_ABBREVIATIONS = frozenset(
    {"Mb", "Morbus", "Vedr", "Obs", "Evt", "Ca", "Jf", "Mot", "Us", "Kl", "Ref"}
)
_MEDICAL_ENDINGS = (
    "osis", "itis", "emia", "pathy", "ectomy", "otomy", "scopy", "graphy", "plasty", "algia",
    "plasia", "lysis", "tion", "sclerosis", "sjon", "isme", "cancer", "kreft", "svikt", "patologi",
    "logisk", "ektomi", "otomi", "skopi", "grafi", "terapi", "plastikk", "smerter", "kirurg",
)  # fmt: skip
_WORD = r"[^\W\d_]{2,}"


def announced_names(text: str) -> list[Span]:
    """Where a name follows words that only a name follows."""
    spans = []
    for pattern in (_STRONG, _PATIENT):
        spans += [_names(text, *m.span(1), least=1) for m in re.finditer(pattern, text)]
    for match in re.finditer(_ROLE, text):
        # A protocol may be called after a doctor; one who is written about is spoken of so.
        title = match[1].strip(" .:")
        is_alone_enough = ":" in match[1] or bool(title) or bool(_SURELY.match(match[0]))
        spans.append(_names(text, *match.span(2), least=1 if is_alone_enough else 2))
    if "," in text or "(" in text:
        for match in re.finditer(_THEN_ROLE, text):
            spans.append(_names(text, *match.span(1), least=1 if "." in match[1] else 2))
    if " m" in text:
        for match in re.finditer(_WITH, text):
            spans.append(_names(text, *match.span(2), least=1 if match[1] else 2))
    for match in re.finditer(_KIN, text):
        spans.append(_names(text, *match.span(2), least=1 if ":" in match[1] else 2))
    for pattern in (_STRONG_CAPITALS, _PATIENT_CAPITALS, _FOR):
        spans += [_names(text, *m.span(1), least=2) for m in re.finditer(pattern, text)]
    return [span for span in spans if span]


def _names(text: str, start: int, end: int, *, least: int) -> Span | tuple[()]:
    """The span up to the first word that is nobody's name; () if too few words are left."""
    words = 0
    last = start
    for match in re.finditer(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*\.?", text[start:end]):
        word = match[0].rstrip(".")
        if len(word) > 1 and _is_nobody(word):
            break
        words += len(word) > 1
        last = start + match.end()
    if words < least or (words == 1 and least == 1 and _is_doubtful(text[start:last], text, last)):
        return ()
    return start, last


def _is_nobody(word: str) -> bool:
    return (
        is_ordinary(word)
        or is_product(word)
        or is_title(word)
        or word in _ABBREVIATIONS
        or word.casefold().endswith(_MEDICAL_ENDINGS)
        or _IS_STAFF.fullmatch(word) is not None
    )


def _is_doubtful(name: str, text: str, end: int) -> bool:
    """Whether a single word after a cue may be a disease or a protocol."""
    words = re.findall(_WORD, name)
    if any(is_eponym(word) for word in words):
        return True
    following = re.compile(_WORD).match(text, end + 1)
    return bool(following and following[0].casefold().startswith(("protoc", "protok", "prot")))


def names_follow(text: str, start: int, *, is_ordinary_word: bool) -> bool:
    """Whether what stands before `start` is usually followed by a name.

    Args:
        is_ordinary_word: what follows may as well be an organ, as in "for Head".
    """
    found = re.compile(_FOLLOWS).search(text, max(0, start - 16), start)
    if found is None:
        return False
    return not (is_ordinary_word and found[0].strip().casefold() in ("for", "av"))
