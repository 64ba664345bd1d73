"""The command `rdma`.

Exit status: 0 done; 1 what was waited for came otherwise (held, failed, rejected files); 2 what was
typed or set up is wrong; 3 the portal refused; 4 the portal does not answer or failed; 5 a
download has another sum than the portal says.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rdma_client import commands
from rdma_client.commands import Command
from rdma_client.errors import PortalError, Refused
from rdma_client.portal import Portal
from rdma_client.printing import as_json, as_table

TRANSFER_STATES = (
    *("requested", "deidentified", "verified", "delivered", "held", "failed", "cancelled"),
)
PACKAGE_STATES = (
    *("waiting", "building", "held", "ready", "failed", "cancelled", "expired", "revoked"),
)
FORMATS = ("zip", "nifti", "bids", "medium", "pictures", "headers")
INTERRUPTED = 130


def run() -> None:
    """Do what was typed, and leave with its exit status."""
    sys.exit(main(sys.argv[1:]))


def main(
    arguments: Sequence[str], portal: Callable[[str], Portal] = Portal.from_environment
) -> int:
    """Do one command; return its exit status."""
    typed = parser().parse_args(arguments)
    typed.shown = None
    command: Command = typed.command
    try:
        typed.shown = command.does(portal(typed.url), typed)
    except PortalError as error:
        _show(typed, command)
        _complain(error)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    _show(typed, command)
    return 0


def _show(typed: argparse.Namespace, command: Command) -> None:
    told: Any = typed.shown
    if told is None:
        return
    if typed.json:
        as_json(told, sys.stdout)
        return
    rows = told if isinstance(told, list) else [told]
    as_table(rows, command.columns, sys.stdout)


def _complain(error: PortalError) -> None:
    sys.stderr.write(f"rdma: {error}\n")
    if isinstance(error, Refused):
        for one in error.errors:
            place = one.get("pointer") or one.get("parameter") or "#"
            if one.get("detail") != str(error) or place != "#":
                sys.stderr.write(f"  {place}: {one.get('detail')}\n")


def parser() -> argparse.ArgumentParser:
    """Return what can be typed."""
    usual = argparse.ArgumentParser(add_help=False)
    usual.add_argument("--url", default="", help="the portal; else RDMA_URL says where it is")
    usual.add_argument("--json", action="store_true", help="print JSON instead of a table")
    top = argparse.ArgumentParser(
        prog="rdma",
        description="Talk to an rDMA portal. RDMA_TOKEN, or a file, holds your token.",
        epilog=__doc__.partition("\n\n")[2],
    )
    rooms = top.add_subparsers(required=True, metavar="ROOM")
    _projects(rooms, usual)
    _studies(rooms, usual)
    _transfers(rooms, usual)
    _exports(rooms, usual)
    tags = _add(rooms, "tags", Command(commands.list_tags, commands.TAG), usual)
    tags.add_argument("--project", required=True)
    for name in ("kind", "vr", "modality", "verdict", "risk", "sort"):
        tags.add_argument(f"--{name}")
    return top


def _projects(rooms: Any, usual: argparse.ArgumentParser) -> None:
    verbs = _room(rooms, "projects", "the projects that you may see")
    _add(verbs, "list", Command(commands.list_projects, commands.PROJECT), usual)
    people = Command(commands.list_participants, commands.PARTICIPANT)
    _add(verbs, "participants", people, usual).add_argument("--project", required=True)


def _studies(rooms: Any, usual: argparse.ArgumentParser) -> None:
    verbs = _room(rooms, "studies", "the studies in quarantine")
    listed = _add(verbs, "list", Command(commands.list_studies, commands.STUDY), usual)
    listed.add_argument("--door", help="how it arrived")
    listed.add_argument("--modality")
    _add(verbs, "find", Command(commands.find_studies, commands.STUDY), usual)
    upload = _add(verbs, "upload", Command(commands.upload_studies, commands.UPLOAD), usual)
    upload.add_argument("folder", type=Path, help="a folder, or one file")
    upload.add_argument("--no-wait", action="store_true", help="do not wait for the catalogue")


def _transfers(rooms: Any, usual: argparse.ArgumentParser) -> None:
    verbs = _room(rooms, "transfers", "the wishes to bring a study into a project")
    listed = _add(verbs, "list", Command(commands.list_transfers, commands.TRANSFER), usual)
    listed.add_argument("--project")
    listed.add_argument("--state", choices=TRANSFER_STATES)
    listed.add_argument("--ended", choices=("true", "false"), help="cancelled or replaced")
    made = _add(verbs, "create", Command(commands.create_transfer, commands.TRANSFER), usual)
    made.add_argument("--study", type=int, required=True, help="its id in quarantine")
    made.add_argument("--project", required=True)
    made.add_argument("--participant", required=True, help="the pseudonym")
    made.add_argument("--event", required=True)
    made.add_argument(
        "--leave-out", type=int, action="append", default=[], metavar="SERIES", help="an id"
    )
    _may_wait(made)
    shown = _add(verbs, "show", Command(commands.show_transfer, commands.TRANSFER), usual)
    shown.add_argument("id", type=int)
    waited = _add(verbs, "wait", Command(commands.wait_for_transfer, commands.TRANSFER), usual)
    waited.add_argument("id", type=int)
    _longest(waited)
    for verb in ("cancel", "retry", "rerun"):
        one = _add(verbs, verb, Command(commands.steer_transfer, commands.TRANSFER), usual)
        one.add_argument("id", type=int)
        one.set_defaults(verb=verb)


def _exports(rooms: Any, usual: argparse.ArgumentParser) -> None:
    verbs = _room(rooms, "exports", "packages of what a project has")
    listed = _add(verbs, "list", Command(commands.list_packages, commands.PACKAGE), usual)
    listed.add_argument("--project")
    listed.add_argument("--state", choices=PACKAGE_STATES)
    made = _add(verbs, "build", Command(commands.build_package, commands.PACKAGE), usual)
    made.add_argument("--project", required=True)
    way = made.add_mutually_exclusive_group()
    way.add_argument("--format", choices=FORMATS)
    way.add_argument("--preset", help="a specification that is ready-made")
    way.add_argument("--specification", type=Path, metavar="FILE.json")
    way.add_argument("--specification-version", type=int, metavar="ID")
    made.add_argument("--participant", action="append", default=[], help="a pseudonym; repeat it")
    _may_wait(made)
    waited = _add(verbs, "wait", Command(commands.wait_for_package, commands.PACKAGE), usual)
    waited.add_argument("id", type=int)
    _longest(waited)
    ended = _add(verbs, "cancel", Command(commands.cancel_package, commands.PACKAGE), usual)
    ended.add_argument("id", type=int)
    fetched = Command(commands.download_package, ("id", "file", "size"))
    download = _add(verbs, "download", fetched, usual)
    download.add_argument("id", type=int)
    download.add_argument("--output", type=Path, default=Path(), help="a file or a folder")
    download.add_argument("--resume", action="store_true", help="go on where it broke off")


def _room(rooms: Any, name: str, told: str) -> Any:
    return rooms.add_parser(name, help=told).add_subparsers(required=True, metavar="COMMAND")


def _add(
    verbs: Any, name: str, command: Command, usual: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    told = command.does.__doc__ or ""
    made: argparse.ArgumentParser = verbs.add_parser(
        name, help=told[:1].lower() + told[1:].rstrip("."), description=told, parents=[usual]
    )
    made.set_defaults(command=command)
    return made


def _may_wait(made: argparse.ArgumentParser) -> None:
    made.add_argument("--wait", action="store_true", help="wait until it has come to a stand")
    _longest(made)


def _longest(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--longest", type=float, default=86400.0, metavar="SECONDS", help="wait no longer than this"
    )
