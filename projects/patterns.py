r"""Patterns of participant identifiers: a template such as `BICAM_{site:02}_{n:04}`, or a regex.

The same pattern is checked in the form, in the API and by the database, so it is held to a
dialect that google-re2, PostgreSQL and SQLite's REGEXP read alike.
"""

import re
from dataclasses import dataclass

import re2
from django.core.exceptions import ValidationError

PLACEHOLDER = re.compile(r"\{(site|n)(?::0(\d))?\}")
LITERAL = re.compile(r"[A-Za-z0-9_.-]*")
# letters, digits, _ - ., \d \w \. \-, classes, groups, alternatives and counts; no look-around, no
# flags. Inside a class a dash is first, last, escaped, or between two letters or digits.
CLASS = r"\[-?(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_.]|\\[dw.\-])*-?\]"
DIALECT = re.compile(
    r"(?:[A-Za-z0-9_.-]|\\[dw.\-]|CLASS|\(\?:|\((?!\?)|\)|\||[*+?]|\{\d{1,2}(?:,\d{0,2})?\})*".replace(
        "CLASS", CLASS
    )
)
QUIET = re2.Options()
QUIET.log_errors = False
EXAMPLE = "BICAM_{n:04}"


@dataclass(frozen=True)
class Pattern:
    """A checked pattern: what was typed, and the anchored regular expression it stands for."""

    typed: str
    regex: str

    @property
    def is_template(self) -> bool:
        """Whether identifiers can be counted up from it."""
        return "{n" in self.typed

    @property
    def example(self) -> str:
        """An identifier as people should write it; a regular expression stands for itself."""
        return self.fill(n=1, site=1) if self.is_template else self.typed

    def matches(self, pseudonym: str) -> bool:
        """Tell whether an identifier fits. Linear in its length (google-re2)."""
        return re2.search(self.regex, pseudonym) is not None

    def fill(self, *, n: int, site: int) -> str:
        """Return the identifier with number `n` at a site."""

        def put(match: re.Match[str]) -> str:
            value = n if match[1] == "n" else site
            return str(value).zfill(int(match[2] or 1))

        return PLACEHOLDER.sub(put, self.typed)

    def number_of(self, pseudonym: str) -> int | None:
        """Return the number `n` inside an identifier of this template, or None."""
        found = re.fullmatch(_named(self.typed), pseudonym)
        return int(found["n"]) if found else None


def parse(typed: str) -> Pattern:
    """Check a pattern. Raises ValidationError with a sentence that says what to write instead."""
    typed = typed.strip()
    if not typed or len(typed) > 120:
        raise ValidationError(f"Give a pattern of at most 120 characters, such as {EXAMPLE}.")
    if "{n" in typed or "{site" in typed:
        regex = _template_regex(typed)
    else:
        inner = typed.removeprefix("^").removesuffix("$")
        if not DIALECT.fullmatch(inner):
            raise ValidationError(
                "The pattern may use letters, digits, _ - . and \\d \\w [..] ( ) | * + ? {m,n}. "
                f"Or give a template such as {EXAMPLE}."
            )
        regex = f"^(?:{_spell_out(inner)})$"
    try:
        re2.compile(regex, QUIET)
        re.compile(regex)
    except (re2.error, re.error) as error:
        raise ValidationError("The pattern is not a valid regular expression.") from error
    return Pattern(typed, regex)


def _template_regex(typed: str) -> str:
    parts, end = [], 0
    for match in PLACEHOLDER.finditer(typed):
        parts.append(_literal(typed[end : match.start()]))
        parts.append(f"[0-9]{{{match[2]}}}" if match[2] else "[0-9]+")
        end = match.end()
    parts.append(_literal(typed[end:]))
    if typed.count("{n") != 1 or typed.count("{site") > 1:
        raise ValidationError(f"A template has {{n}} once and {{site}} at most once: {EXAMPLE}.")
    return f"^{''.join(parts)}$"


def _literal(text: str) -> str:
    if not LITERAL.fullmatch(text):
        raise ValidationError(
            f"Between placeholders only letters, digits, _ - . are possible, as in {EXAMPLE}."
        )
    return text.replace(".", r"\.")


def _spell_out(regex: str) -> str:
    """Write `\\d` and `\\w` as classes, inside and outside of brackets."""
    out, inside, index = [], False, 0
    while index < len(regex):
        pair = regex[index : index + 2]
        if pair in {r"\d", r"\w"}:
            bare = "0-9" if pair == r"\d" else "A-Za-z0-9_"
            out.append(bare if inside else f"[{bare}]")
            index += 2
            continue
        inside = {"[": True, "]": False}.get(regex[index], inside)
        step = 2 if regex[index] == "\\" else 1
        out.append(regex[index : index + step])
        index += step
    return "".join(out)


def _named(typed: str) -> str:
    def name(match: re.Match[str]) -> str:
        digits = rf"\d{{{match[2]}}}" if match[2] else r"\d+"
        return f"(?P<{match[1]}>{digits})"

    pieces, end = [], 0
    for match in PLACEHOLDER.finditer(typed):
        pieces += [re.escape(typed[end : match.start()]), name(match)]
        end = match.end()
    return "".join([*pieces, re.escape(typed[end:])])
