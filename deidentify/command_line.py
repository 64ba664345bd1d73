"""`python -m deidentify`: de-identify a folder from the command line.

Exit status: 0 all written and verified, 1 something held or rejected (the report names it),
2 usage.
"""

import argparse
import csv
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deidentify.errors import UsageError
from deidentify.identity import SECRET_BYTES, Identity
from deidentify.keys import derive
from deidentify.profiles import BIRTH_DATES, COARSE_TIMES, ERAS, MMIV, OPTIONS
from deidentify.progress import ProgressLine
from deidentify.rules import read_rules

ALL_WRITTEN, SOMETHING_LEFT, USAGE = 0, 1, 2
PIPE_CLOSED = 141  # 128 + SIGPIPE, as a shell reports it of other tools


def parser() -> argparse.ArgumentParser:
    """Return the parser; the manual's page is made from it."""
    made = argparse.ArgumentParser(
        prog="python -m deidentify",
        description="De-identify DICOM files. `python -m deidentify verify SOURCE TARGET` "
        "searches a result for what it should not hold.",
    )
    made.add_argument("source", type=Path, help="a folder, or one file")
    made.add_argument(
        "target",
        type=Path,
        nargs="?",
        help="a folder; made if it is not there. Not needed for --explain and --what-if",
    )
    made.add_argument("--profile", default="research", help=f"research, basic or {MMIV}")
    made.add_argument("--project", help="acronym, such as BICAM")
    who = made.add_mutually_exclusive_group()
    who.add_argument("--pseudonym", help="for the one patient of the folder")
    who.add_argument(
        "--identities", type=Path, help="CSV: patient_id,pseudonym[,date_shift]; others are refused"
    )
    made.add_argument(
        "--option",
        action="append",
        default=[],
        help=f"{', '.join((*OPTIONS, *BIRTH_DATES, COARSE_TIMES))}; no-… takes one out. "
        f"For {MMIV} one of {', '.join(ERAS)}",
    )
    made.add_argument("--rules", type=Path, help="CSV: element,action,value")
    made.add_argument("--event", default="", help="time point, such as baseline")
    made.add_argument("--site", default="", help="site, such as 01")
    made.add_argument(
        "--key-file",
        type=Path,
        help="any file of at least 32 bytes; without one nothing links runs",
    )
    made.add_argument("--date-shift", default="auto", help="days, auto, or none")
    made.add_argument("--jobs", type=int, default=1, help="processes")
    made.add_argument("--report", type=Path, help="JSON: what became of every file")
    made.add_argument("--uid-map", type=Path, help="CSV: id_old,id_new. Identified data")
    made.add_argument("--patient-map", type=Path, help="CSV: id_old,id_new. Identified data")
    made.add_argument("--no-verify", action="store_true", help="do not search the result")
    made.add_argument(
        "--explain", action="store_true", help="say for each element why; write nothing"
    )
    made.add_argument(
        "--what-if", action="store_true", help="count what would happen; write nothing"
    )
    made.add_argument(
        "--show-values",
        action="store_true",
        help="with --explain: print the source's values as well. Identified data",
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _done(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever read along has read enough, such as `head`; what follows goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (UsageError, OSError) as error:
        print(f"deidentify: {error}", file=sys.stderr)
        return USAGE


def _done(arguments: list[str]) -> int:
    if arguments[:1] == ["verify"]:
        # Imported late: the search automaton is heavy, and most runs are no verification.
        from deidentify import verify

        return verify.main(arguments[1:])
    try:
        args = parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else ALL_WRITTEN
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    _check(args)
    # Imported late, as much below: --help and wrong usage answer at once.
    from deidentify.folder import deidentify_folder
    from deidentify.outcomes import Settings, counts
    from deidentify.reports import Papers, summary

    settings = Settings(
        profile=args.profile,
        options=tuple(args.option),
        rules=tuple(read_rules(args.rules)) if args.rules else (),
        identities=_identities(args),
        verify=not args.no_verify,
    )
    first = next(iter(settings.identities.values()), None)
    if first is None:
        raise UsageError("The list of identities is empty.")
    plan = settings.plan(first)
    for hole in plan.known_holes():
        print(f"{plan.profile.name}: {hole}", file=sys.stderr)
    if args.explain or args.what_if:
        from deidentify.survey import files_of, survey
        from deidentify.what_if import Explainers, print_explanation, print_what_if

        show = print_explanation if args.explain else print_what_if
        found = survey(files_of(args.source))
        return show(args.source, Explainers(settings, found, show_values=args.show_values))
    results = deidentify_folder(
        args.source,
        args.target,
        settings,
        jobs=args.jobs,
        progress=ProgressLine(sys.stderr) if sys.stderr.isatty() else None,
    )
    papers = Papers(args.report, args.uid_map, args.patient_map)
    papers.write(args.source, settings, results, plan)
    for line in summary(results):
        print(line)
    total = counts(results)
    return SOMETHING_LEFT if total["held"] or total["rejected"] else ALL_WRITTEN


def _check(args: argparse.Namespace) -> None:
    """Refuse, before anything is read, what cannot end well."""
    shows = args.explain or args.what_if
    if not args.source.exists():
        raise UsageError("The source is not there.")
    if args.jobs < 1:
        raise UsageError("At least one job is needed.")
    if args.show_values and not args.explain:
        raise UsageError("Values are shown by --explain alone.")
    if shows:
        return
    if args.target is None:
        raise UsageError("A target folder is needed.")
    if not args.project or not (args.pseudonym or args.identities):
        raise UsageError("--project is needed, and --pseudonym or --identities.")
    if args.target.exists() and not args.target.is_dir():
        raise UsageError("The target is a file; it must be a folder.")
    source, target = args.source.resolve(), args.target.resolve()
    if target == source or source in target.parents:
        raise UsageError("The target lies in the source: what is written would be read again.")
    for path in (args.report, args.uid_map, args.patient_map):
        if path and not path.absolute().parent.is_dir():
            raise UsageError("The folder of the report or of a map is not there.")


def _identities(args: argparse.Namespace) -> dict[str, Identity]:
    master = _key(args.key_file)
    if args.identities is None:
        # --explain and --what-if work for nobody in particular as well.
        return {"": _identity(args, master, args.pseudonym or "PSEUDONYM", args.date_shift)}
    with args.identities.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not {"patient_id", "pseudonym"} <= set(reader.fieldnames or ()):
            raise UsageError("The identities need the columns patient_id and pseudonym.")
        found: dict[str, Identity] = {}
        for row in reader:
            if not row["patient_id"] or row["patient_id"] in found:
                raise UsageError("A patient_id is empty or stands twice in the identities.")
            shift = row.get("date_shift") or args.date_shift
            found[row["patient_id"]] = _identity(args, master, row["pseudonym"], shift)
    return found


def _key(path: Path | None) -> bytes:
    if path is None:
        return os.urandom(SECRET_BYTES)
    key = path.read_bytes()
    if len(key) < SECRET_BYTES:
        raise UsageError("The key file must hold at least 32 bytes.")
    return key


def _identity(args: argparse.Namespace, master: bytes, pseudonym: str, shift: str) -> Identity:
    days: int | None
    if shift == "auto":
        days = None
    elif shift == "none":
        days = 0
    else:
        try:
            days = int(shift)
        except ValueError:
            raise UsageError("A date shift is a number of days, auto, or none.") from None
        if abs(days) > 36_500:
            raise UsageError("A date shift is at most a hundred years.")
    project = args.project or "PROJECT"
    return Identity(
        project=project,
        pseudonym=pseudonym,
        secret=derive(master, f"participant {project} {pseudonym}"),
        event=args.event,
        site=args.site,
        date_shift=days,
    )
