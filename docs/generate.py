"""Writes the tables of the manuals that are facts of the code: roles, states, the engine's.

`make docs` writes them; `make check` calls this with --check and fails when they differ, so that
the manuals cannot say something else than the program does.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from django.db.models import TextChoices

from docs.engine_tables import command_line, mmiv_2019, profiles
from docs.export_tables import exports
from docs.markdown import NOTE, table
from docs.picture_tables import pictures
from docs.risk_tables import risk
from projects.roles import BY_SITE, HospitalRole, Permission, Phase, Role, is_permitted
from transfers.states import DeliveryState, OutcomeState, State

FOLDER = Path(__file__).parent / "generated"


def roles() -> str:
    """Return who may do what, and when: a row for each permission, a column for each role.

    A cell is empty for never, `yes` for always, and else names the phases in which it is so.
    """
    everybody: list[Role | HospitalRole] = [*Role, *(role for role in HospitalRole if role)]
    rows = (
        [str(permission.label), *(_when(permission, role) for role in everybody)]
        for permission in Permission
    )
    apart = ([str(one.label), "yes" if one in BY_SITE else "refused"] for one in Permission)
    return "\n\n".join(
        [
            NOTE.format(source="projects/roles.py"),
            "# Who may do what, and when",
            "The first five roles are held in a project, the last two in the whole hospital. "
            "“Yes” is at all times; other words name the phases of the project in which it is so: "
            "before its approval begins, while it is approved, after the approval has ended.",
            table(["", *(str(role.label) for role in everybody)], rows),
            "## Limits of a membership",
            "An owner can limit a membership to sites, to a last day, and can leave out the right "
            "to see identified data, which the table above gives to some roles. A limited person "
            "has what can be parted by site for the participants of these sites, also in lists and "
            "sums, and is refused the rest in a sentence. A participant without a site is seen by "
            "nobody who is limited. An owner answers for the whole project and is not limited.",
            table(["", "limited to sites"], apart),
        ]
    )


def _when(permission: Permission, role: Role | HospitalRole) -> str:
    phases = [phase for phase in Phase if is_permitted(permission, role, phase)]
    if len(phases) == len(Phase):
        return "yes"
    return ", ".join(phase.label.lower() for phase in phases)


def states() -> str:
    """Return the states of a run, of a delivery and of an instance, as the portal names them."""
    parts = [NOTE.format(source="transfers/states.py"), "# The states of a transfer"]
    kinds: list[tuple[str, type[TextChoices]]] = [
        ("A run", State),
        ("A delivery to one destination", DeliveryState),
        ("An instance in a run", OutcomeState),
    ]
    for title, kind in kinds:
        rows = ([f"`{value}`", label] for value, label in kind.choices)
        parts += [f"## {title}", table(["state", "shown as"], rows)]
    return "\n\n".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "command_line.md": command_line,
    "exports.md": exports,
    "mmiv-2019.md": mmiv_2019,
    "pictures.md": pictures,
    "profiles.md": profiles,
    "roles.md": roles,
    "states.md": states,
    "risk.md": risk,
}


def differing(folder: Path) -> list[str]:
    """Return the names of the pages in `folder` that are missing, or differ from the code."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text() != page() + "\n"
    ]


def write(folder: Path) -> None:
    """Write every page."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page() + "\n")


def main() -> int:
    """Write the pages, or with --check say which differ. Return 0 when they are as the code."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail on differences")
    if not parser.parse_args().check:
        write(FOLDER)
        return 0
    found = differing(FOLDER)
    if found:
        sys.stderr.write(f"Not as the code says: {', '.join(found)}. Run `make docs`.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
