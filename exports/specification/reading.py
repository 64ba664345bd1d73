"""Reading a specification from data: all of its problems at once, each at its place."""

from collections.abc import Sequence

from exports.naming.templates import TemplateError, read_file, read_folders
from exports.specification.attachment_kinds import ATTACHMENTS
from exports.specification.deed_checks import problems_of
from exports.specification.deeds import DEEDS, LONGEST_VALUE, Deed
from exports.specification.elements import ElementPath, UnknownElement
from exports.specification.errors import Problem, SpecificationError
from exports.specification.options import OPTIONS, Option, OptionValue
from exports.specification.parts import (
    COMPRESSIONS,
    EDITION,
    FILE,
    FOLDERS,
    KEEP_DAYS,
    TESTS,
    TIES,
    WITHOUT_VALUE,
    Attachment,
    Listed,
    Selection,
    SeriesRule,
    Specification,
    Transformation,
)
from exports.specification.patterns import NoPattern, check_replacement, compiled
from exports.specification.reader import LONGEST_TEXT, Reader
from exports.states import Format

MOST_RULES = 100
MOST_TRANSFORMATIONS = 200
MOST_PAIRS = 5_000
MOST_LISTED = 10_000
MOST_ATTACHMENTS = 20
MOST_IMAGES = 10_000_000
LONGEST_KEPT = 365
FORMATS = {one.name.lower(): one for one in Format}


def read_specification(data: object) -> Specification:
    """Return the specification that `data` (of JSON or YAML) says; what is not said is usual.

    Raises SpecificationError with every problem: unknown names, values out of bounds, elements
    that do not exist, patterns and templates that cannot be used.
    """
    problems: list[Problem] = []
    reader = Reader(data, "", problems)
    reader.number("edition", EDITION, least=EDITION, most=EDITION)
    kind = FORMATS[reader.word("format", FORMATS, "dicom")]
    specification = Specification(
        format=kind,
        options=_options(Reader(reader.take("options") or {}, "options", problems), kind),
        selection=_selection(Reader(reader.take("selection") or {}, "selection", problems)),
        folders=_template(reader, "folders", FOLDERS),
        file=_template(reader, "file", FILE),
        transformations=reader.parts("transformations", _deed, most=MOST_TRANSFORMATIONS),
        attachments=reader.parts("attachments", _attachment, most=MOST_ATTACHMENTS),
        ties=reader.word("ties", TIES, "kept"),
        keeps_intervals=reader.flag("keeps_intervals", default=False),
        compression=reader.word("compression", COMPRESSIONS, "fast"),
        is_encrypted=reader.flag("is_encrypted", default=False),
        deliver_to=reader.text("deliver_to", most=100).strip(),
        keep_days=reader.number("keep_days", KEEP_DAYS, least=1, most=LONGEST_KEPT),
    )
    reader.close()
    problems += _contradictions(specification)
    if problems:
        raise SpecificationError(problems)
    return specification


def _options(reader: Reader, kind: Format) -> dict[str, OptionValue]:
    found = {name: _option(reader, name, option) for name, option in OPTIONS[kind].items()}
    reader.close()
    return found


def _option(reader: Reader, name: str, option: Option) -> OptionValue:
    default = option.default
    if isinstance(default, bool):
        return reader.flag(name, default)
    if isinstance(default, int):
        return reader.number(name, default, least=option.least, most=option.most)
    if isinstance(default, tuple):
        words = reader.words(name, longest=option.most)
        if option.choices is not None and not set(words) <= set(option.choices):
            reader.wrong(name, f"Each of these is one of {', '.join(option.choices)}.")
        return list(default if reader.data.get(name) is None else words)
    if option.choices is not None:
        return reader.word(name, option.choices, default)
    return reader.text(name, default, most=option.most)


def _selection(reader: Reader) -> Selection:
    selection = Selection(
        participants=reader.words("participants", most=MOST_LISTED, longest=64),
        events=reader.words("events"),
        sites=reader.words("sites"),
        modalities=reader.words("modalities", longest=16),
        include=reader.parts("include", _rule, most=MOST_RULES),
        exclude=reader.parts("exclude", _rule, most=MOST_RULES),
        least_images=reader.number_or_none("least_images", least=1, most=MOST_IMAGES),
        most_images=reader.number_or_none("most_images", least=1, most=MOST_IMAGES),
        listed=reader.parts("listed", _listed, most=MOST_LISTED),
    )
    reader.close()
    least, most = selection.least_images, selection.most_images
    if least is not None and most is not None and most < least:
        reader.wrong("most_images", "This is less than least_images; no series could fit.")
    return selection


def _rule(reader: Reader) -> SeriesRule:
    element = _element(reader)
    test = reader.word("test", TESTS, "is")
    value = reader.text("value", most=LONGEST_VALUE)
    if test in WITHOUT_VALUE:
        if value:
            reader.wrong("value", f"A rule with “{TESTS[test]}” takes no value.")
    elif not value:
        reader.wrong("value", f"Say what it is compared with, or use “{TESTS['is_there']}”.")
    elif test in ("above", "below"):
        _require_number(reader, value)
    elif test == "matches":
        _require_pattern(reader, "value", value)
    return SeriesRule(element, test, value)


def _require_number(reader: Reader, value: str) -> None:
    try:
        is_number = abs(float(value)) < float("inf")
    except ValueError:
        is_number = False
    if not is_number:
        reader.wrong("value", "Above and below need a number, such as 2.5.")


def _require_pattern(reader: Reader, key: str, value: str) -> None:
    try:
        compiled(value)
    except NoPattern as error:
        reader.wrong(key, str(error))


def _element(reader: Reader) -> str:
    """Return an element's name in the form that specifications keep."""
    typed = reader.text("element", most=300)
    try:
        return str(ElementPath.parse(typed))
    except UnknownElement as error:
        reader.wrong("element", str(error))
        return typed


def _listed(reader: Reader) -> Listed:
    row = Listed(
        participant=reader.text("participant", most=64).strip(),
        event=reader.text("event").strip(),
        series=reader.text("series", most=64).strip(),
    )
    if not row.participant:
        reader.wrong("participant", "Each row names a participant.")
    return row


def _template(reader: Reader, key: str, default: str) -> str:
    typed = reader.text(key, default, most=400).strip()
    try:
        (read_folders if key == "folders" else read_file)(typed)
    except TemplateError as error:
        reader.wrong(key, str(error))
    return typed


def _deed(reader: Reader) -> Transformation:
    do = reader.word("do", DEEDS, "")
    if not do:
        if "do" not in reader.data:
            reader.wrong("do", f"Say what is to be done: {', '.join(DEEDS)}.")
        return Transformation(do="")
    deed = DEEDS[do]
    takes = (*deed.needs, *deed.may)
    transformation = Transformation(
        do=do,
        element=_element(reader) if _names_an_element(reader, deed) else "",
        value=reader.text("value", most=LONGEST_VALUE),
        pattern=reader.text("pattern", most=LONGEST_VALUE),
        mapping=_mapping(reader),
        table=reader.text("table", most=100).strip(),
        column=reader.text("column", most=100).strip(),
    )
    reader.asked.add("element")
    _require_filled(reader, transformation, deed.needs, takes, deed.title)
    if transformation.pattern and do == "replace":
        _require_replacement(reader, transformation)
    if do == "shift":
        _require_days(reader, transformation.value)
    return transformation


def _names_an_element(reader: Reader, deed: Deed) -> bool:
    """Tell whether an element is to be read: where it may be left out, only if it is there."""
    return "element" in deed.needs or ("element" in deed.may and bool(reader.data.get("element")))


def _mapping(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Read pairs, written as a mapping or as a list of pairs; each value stands there once."""
    typed = reader.take("mapping")
    if isinstance(typed, dict):
        typed = [list(pair) for pair in typed.items()]
    if typed is None:
        return ()
    pairs: list[tuple[str, str]] = []
    if not isinstance(typed, list | tuple) or len(typed) > MOST_PAIRS:
        reader.wrong("mapping", f"This is a table of at most {MOST_PAIRS:,} pairs of texts.")
        return ()
    for number, pair in enumerate(typed, start=1):
        texts = [str(one) for one in pair if isinstance(one, str)] if _is_pair(pair) else []
        if len(texts) != 2 or any(len(one) > LONGEST_VALUE for one in texts):
            reader.wrong(f"mapping[{number}]", "This is to be two texts; in YAML, put in quotes.")
            return ()
        pairs.append((texts[0], texts[1]))
    if len({old for old, _ in pairs}) < len(pairs):
        reader.wrong("mapping", "The table names each value once.")
    return tuple(pairs)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _require_filled(
    reader: Reader,
    part: Transformation | Attachment,
    needs: Sequence[str],
    takes: Sequence[str],
    title: str,
) -> None:
    for name in ("element", "value", "pattern", "mapping", "table", "column", "columns", "text"):
        is_filled = bool(getattr(part, name, "") or (name == "element" and reader.data.get(name)))
        if name in needs and not is_filled and name != "element":
            reader.wrong(name, f"“{title}” needs this.")
        elif name not in takes and is_filled:
            reader.wrong(name, f"“{title}” takes nothing here; leave it empty.")


def _require_replacement(reader: Reader, transformation: Transformation) -> None:
    _require_pattern(reader, "pattern", transformation.pattern)
    try:
        check_replacement(transformation.pattern, transformation.value)
    except NoPattern as error:
        if not any(one.place == reader.at("pattern") for one in reader.problems):
            reader.wrong("value", str(error))


def _require_days(reader: Reader, value: str) -> None:
    digits = value.removeprefix("-")
    if value and not (digits.isascii() and digits.isdigit() and 0 < int(digits) <= 36_500):
        reader.wrong("value", "This is a number of days other than 0, such as -42.")


def _attachment(reader: Reader) -> Attachment:
    kind = reader.word("kind", ATTACHMENTS, "")
    if not kind:
        if "kind" not in reader.data:
            reader.wrong("kind", f"Say what is to be attached: {', '.join(ATTACHMENTS)}.")
        return Attachment(kind="")
    facts = ATTACHMENTS[kind]
    attachment = Attachment(
        kind=kind,
        name=reader.text("name", most=64).strip(),
        text=reader.text("text", most=LONGEST_TEXT, lines=True),
        columns=reader.words("columns", most=200, longest=300),
        table=reader.text("table", most=100).strip(),
    )
    _require_filled(reader, attachment, facts.needs, (*facts.needs, *facts.may), facts.title)
    return attachment


def _contradictions(specification: Specification) -> list[Problem]:
    """Return what each part allows and the whole cannot mean."""
    problems = [
        Problem(f"transformations[{number + 1}]", sentence)
        for number, sentence in problems_of(specification.transformations, specification.ties)
    ]
    done = [one.do for one in specification.transformations]
    if specification.ties == "cut":
        for number, do in enumerate(done, start=1):
            if do in ("shift_back", "identifiers"):
                problems.append(
                    Problem(
                        f"transformations[{number}].do",
                        "This leads back to the participants, and the ties are to be cut.",
                    )
                )
        problems += [
            Problem(
                f"attachments[{number}].table",
                "A participant table may say who is who, and the ties are to be cut: attach "
                "columns of the headers alone.",
            )
            for number, one in enumerate(specification.attachments, start=1)
            if one.table
        ]
    elif specification.keeps_intervals:
        problems.append(Problem("keeps_intervals", "This says something only if ties are cut."))
    if "shift_back" in done and "shift" in done:
        problems.append(
            Problem("transformations", "Dates are either shifted or shifted back, not both.")
        )
    return problems
