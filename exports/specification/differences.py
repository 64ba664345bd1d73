"""What differs between two versions of a specification, in sentences."""

from collections.abc import Sequence
from typing import Any

from exports.specification.attachment_kinds import ATTACHMENTS
from exports.specification.deeds import DEEDS
from exports.specification.options import OPTIONS
from exports.specification.parts import (
    COMPRESSIONS,
    TIES,
    Attachment,
    Selection,
    Specification,
    Transformation,
)

NAMES = {
    "folders": "The folders",
    "file": "The file names",
    "participants": "The participants",
    "events": "The events",
    "sites": "The sites",
    "modalities": "The modalities",
    "least_images": "The least number of images",
    "most_images": "The greatest number of images",
}
MOST_NAMED = 8


def differences(old: Specification, new: Specification) -> list[str]:
    """Return a sentence for each thing that differs, in the order of the editor; [] for none."""
    found = []
    if old.format != new.format:
        found.append(f"The format is {new.format.label} instead of {old.format.label}.")
    else:
        found += _options(old, new)
    found += _selection(old.selection, new.selection)
    found += [
        _changed(NAMES[name], getattr(old, name), getattr(new, name))
        for name in ("folders", "file")
        if getattr(old, name) != getattr(new, name)
    ]
    found += _list(
        "Change", [_deed(one) for one in old.transformations],
        [_deed(one) for one in new.transformations],
    )  # fmt: skip
    found += _list(
        "Attached file", [_attachment(one) for one in old.attachments],
        [_attachment(one) for one in new.attachments],
    )  # fmt: skip
    return found + _whole(old, new)


def _changed(name: str, old: Any, new: Any) -> str:
    return f"{name}: {_said(new)} instead of {_said(old)}."


def _said(value: Any) -> str:
    if value is None or value in ("", (), []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        more = f" and {len(value) - MOST_NAMED:,} more" if len(value) > MOST_NAMED else ""
        return ", ".join(map(str, value[:MOST_NAMED])) + more
    return f"“{value}”" if isinstance(value, str) else str(value)


def _options(old: Specification, new: Specification) -> list[str]:
    titles = {name: option.title for name, option in OPTIONS[new.format].items()}
    return [
        _changed(titles.get(name, name), old.options.get(name), value)
        for name, value in new.options.items()
        if old.options.get(name) != value
    ]


def _selection(old: Selection, new: Selection) -> list[str]:
    found = [
        _changed(words, getattr(old, name), getattr(new, name))
        for name, words in NAMES.items()
        if hasattr(old, name) and getattr(old, name) != getattr(new, name)
    ]
    for name, word in (("include", "Include"), ("exclude", "Exclude")):
        rules = [[str(rule) for rule in getattr(one, name)] for one in (old, new)]
        found += _list(word, *rules)
    if old.listed != new.listed:
        found.append(f"The list has {len(new.listed):,} rows instead of {len(old.listed):,}.")
    return found


def _deed(one: Transformation) -> str:
    words = DEEDS[one.do].title
    if one.element:
        words += f" {one.element}"
    for name, value in (("pattern", one.pattern), ("value", one.value), ("table", one.table)):
        if value:
            words += f", {name} “{value}”"
    if one.column:
        words += f", column “{one.column}”"
    if one.mapping:
        words += f", {len(one.mapping):,} values"
    return words


def _attachment(one: Attachment) -> str:
    facts = ATTACHMENTS[one.kind]
    columns = f", columns {_said(one.columns)}" if one.columns else ""
    return f"{facts.title} as {one.name or facts.file_name}{columns}"


def _list(what: str, old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return what was added and taken out of a list; or that its order, or a part, is another."""
    added = [f"{what} added: {one}." for one in new if one not in old]
    removed = [f"{what} taken out: {one}." for one in old if one not in new]
    if added or removed:
        return added + removed
    return [f"{what}: the order is another."] if list(old) != list(new) else []


def _whole(old: Specification, new: Specification) -> list[str]:
    found = []
    if old.ties != new.ties:
        found.append(f"{TIES[new.ties]} now.")
    if old.keeps_intervals != new.keeps_intervals:
        words = "are kept" if new.keeps_intervals else "are not kept any more"
        found.append(f"The days between examinations {words}.")
    if old.compression != new.compression:
        found.append(f"{COMPRESSIONS[new.compression]} now.")
    if old.is_encrypted != new.is_encrypted:
        found.append(f"The package is {'encrypted' if new.is_encrypted else 'not encrypted'} now.")
    if old.deliver_to != new.deliver_to:
        found.append(_changed("It goes to", old.deliver_to, new.deliver_to))
    if old.keep_days != new.keep_days:
        found.append(f"It is kept for {new.keep_days} days instead of {old.keep_days}.")
    return found
