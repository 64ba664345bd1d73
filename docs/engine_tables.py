"""The engine's tables as pages: options of the command line, profiles, what mmiv-2019 does."""

import argparse
import csv
from collections.abc import Iterable

from deidentify import mmiv
from deidentify import table as standard
from deidentify.command_line import parser
from deidentify.decisions import ACTIONS
from deidentify.elements import TABLES, lookup
from deidentify.errors import REFUSALS
from deidentify.profiles import (
    ALL_COLUMNS,
    BASIC_CODE,
    BIRTH_DATES,
    COARSE_TIMES,
    CODES,
    ERAS,
    MMIV,
    PROFILES,
)
from docs.markdown import NOTE, table


def command_line() -> str:
    """Return the options of `python -m deidentify`."""
    rows = [
        [f"`{_written(action)}`", action.help or ""]
        for action in parser()._actions
        if action.dest != "help"
    ]
    return "\n\n".join(
        [
            NOTE.format(source="deidentify/command_line.py"),
            "# python -m deidentify",
            table(["", ""], rows),
        ]
    )


def _written(action: argparse.Action) -> str:
    if not action.option_strings:
        return action.dest.upper()
    name = action.option_strings[-1]
    return name if action.nargs == 0 else f"{name} {action.dest.upper()}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def profiles() -> str:
    """Return the engine's actions, what each profile switches on, and why a file is refused."""
    names = [name for name in PROFILES if name != MMIV]
    rows = [
        [
            f"`{option}`",
            f"{CODES[column][0]} {CODES[column][1]}",
            *("yes" if column in PROFILES[name] else "" for name in names),
        ]
        for option, column in ALL_COLUMNS.items()
    ]
    return "\n\n".join(
        [
            NOTE.format(source="deidentify/profiles.py, decisions.py and errors.py"),
            "# Actions, profiles and options",
            f"Table: {standard.edition()}, {len(standard.rows())} rows.",
            "## Options",
            f"Every profile but {MMIV} begins with {BASIC_CODE[0]} {BASIC_CODE[1]}. "
            "`--option NAME` adds an option, `--option no-NAME` takes one out.",
            table(["option", "code of PS3.16 CID 7050", *names], rows),
            "Of the birth date nothing stays but by one of "
            f"{_code(name for name, kept in BIRTH_DATES.items() if kept)}. `{COARSE_TIMES}` cuts "
            "times to the hour. The options that clean pixels are for programs that bring a "
            f"cleaner of pixels with them. {MMIV} takes one of {_code(ERAS)}.",
            "## Actions",
            "The letters that `--explain` prints.",
            table(["letter", "means"], ([letter, text] for letter, text in ACTIONS.items())),
            "## Refusals",
            "Why a file may be refused. Nothing is written for it; the others go on.",
            table(["code", "said"], ([f"`{code}`", text] for code, text in REFUSALS.items())),
        ]
    )


def mmiv_2019() -> str:
    """Return what mmiv-2019 leaves open, where it differs, and its table."""
    with (TABLES / "mmiv_differences.csv").open(newline="") as file:
        next(file)
        differences = [
            [f"{row['element']} {row['name']}".strip(), row["table"], row["later"], row["here"]]
            for row in csv.DictReader(file)
        ]
    letters = {**ACTIONS, "H": "hashed without key or project"}
    rows = []
    for tag, letter in sorted(mmiv.actions().items()):
        found = lookup(tag)
        rows.append([f"({tag >> 16:04X},{tag & 0xFFFF:04X})", found[1] if found else "",
                     letters[letter]])  # fmt: skip
    return "\n\n".join(
        [
            NOTE.format(source="deidentify/mmiv.py and tables/mmiv_2019.csv, mmiv_differences.csv"),
            f"# The profile {MMIV}",
            "## What it leaves open",
            "\n".join(f"- {hole}" for hole in mmiv.HOLES),
            "## Where the table of 2019, the later program and this profile differ",
            table(["element", "table of 2019", "later program", "here"], differences),
            "## The table of 2019",
            "Kept means kept and searched for the patient: the profile carries over what the old "
            "installation does, but not its leaks.",
            table(["element", "name", "action"], rows),
        ]
    )
