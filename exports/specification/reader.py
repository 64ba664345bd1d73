"""Reading one mapping key by key: what is wrong is noted, and reading goes on."""

import unicodedata
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from exports.specification.errors import Problem

Part = TypeVar("Part")
LONGEST_TEXT = 20_000


class Reader:
    """One mapping of a specification at its place; `close` refuses the keys nobody asked for."""

    def __init__(self, data: object, place: str, problems: list[Problem]) -> None:
        self.place, self.problems = place, problems
        self.data: dict[Any, Any] = data if isinstance(data, dict) else {}
        self.asked: set[str] = set()
        if not isinstance(data, dict):
            self.problems.append(Problem(place, "This is to be a group of names and values."))

    def wrong(self, key: str, sentence: str) -> None:
        """Note a problem with one key."""
        self.problems.append(Problem(self.at(key), sentence))

    def at(self, key: str) -> str:
        """Return the place of a key."""
        return f"{self.place}.{key}" if self.place else key

    def take(self, key: str) -> Any:
        """Return what stands at a key, None if nothing does."""
        self.asked.add(key)
        return self.data.get(key)

    def text(self, key: str, default: str = "", *, most: int = 200, lines: bool = False) -> str:
        """Return a text of at most so many letters."""
        return self._text(self.take(key), key, default, most, lines)

    def _text(self, value: Any, key: str, default: str, most: int, lines: bool) -> str:
        if value is None:
            return default
        if not isinstance(value, str):
            self.wrong(key, "This is to be text; in YAML, put it in quotes.")
        elif len(value) > most:
            self.wrong(key, f"This has at most {most:,} characters.")
        elif not _is_printable(value, lines):
            self.wrong(key, "This has characters that cannot be printed.")
        else:
            return unicodedata.normalize("NFC", value)
        return default

    def word(self, key: str, known: Collection[str], default: str) -> str:
        """Return one of a closed list of words."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, str) and value in known:
            return value
        self.wrong(key, f"This is one of {', '.join(known)}.")
        return default

    def flag(self, key: str, default: bool) -> bool:
        """Return yes or no."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(key, "This is true or false.")
        return default

    def number(self, key: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number between bounds."""
        found = self.number_or_none(key, least=least, most=most)
        return default if found is None else found

    def number_or_none(self, key: str, *, least: int, most: int) -> int | None:
        """Return a whole number between bounds, or None where nothing is said."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(key, f"This is a whole number from {least:,} to {most:,}.")
        return None

    def words(self, key: str, *, most: int = 1000, longest: int = 200) -> tuple[str, ...]:
        """Return a list of texts, each once, in the order in which they were written."""
        found = []
        for place, value in self._list(key, most):
            text = self._text(value, place, "", longest, False).strip()
            if text:
                found.append(text)
            elif isinstance(value, str) and not value.strip():
                self.wrong(place, "This is empty.")
        return tuple(dict.fromkeys(found))

    def parts(
        self, key: str, read: Callable[["Reader"], Part | None], *, most: int
    ) -> tuple[Part, ...]:
        """Return a list of parts, each read by `read`, which gives None for what cannot be used."""
        found = []
        for place, value in self._list(key, most):
            before = len(self.problems)
            reader = Reader(value, self.at(place), self.problems)
            part = read(reader)
            if len(self.problems) == before:
                reader.close()
            if part is not None:
                found.append(part)
        return tuple(found)

    def _list(self, key: str, most: int) -> list[tuple[str, Any]]:
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.wrong(key, "This is to be a list.")
            return []
        if len(value) > most:
            self.wrong(key, f"This list has at most {most:,} entries.")
            return []
        return [(f"{key}[{number}]", one) for number, one in enumerate(value, start=1)]

    def close(self) -> None:
        """Note every key that nobody asked for: what is not understood is not passed over."""
        for key in self.data:
            if key not in self.asked:
                known = ", ".join(sorted(self.asked))
                name = key if isinstance(key, str) and key.isidentifier() and len(key) < 40 else "?"
                self.wrong(name, f"There is nothing of this name here; there is {known}.")


def _is_printable(text: str, lines: bool) -> bool:
    """Tell whether a text has neither control characters nor ones that turn its direction."""
    allowed = "\n\t" if lines else ""
    return all(
        sign in allowed or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        for sign in text
    )
