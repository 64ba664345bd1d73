"""docs/rest.md shows what happens: its commands are typed, its Python is run, its answers compared.

The page speaks of study 17, transfer 3 and package 9; here they have the ids that they get.
"""

import os
import re
import shlex
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from rdma_client import Portal

from exports.models import Package
from exports.tasks import build_package
from intake.models import Arrival, Study
from intake.tasks import settle_arrival
from projects.actions import ensure_participant
from projects.describing import PROBLEM
from review.models import ResearchStudy
from review.tasks import index_runs, index_study
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files
from tests.transfers.arrange import quarantine, run_to_the_end
from transfers.models import TransferRequest

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = {"studies": "17", "transfers": "3", "exports": "9"}
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    """Return the page's blocks of one kind, in their order."""
    return [text for name, text in BLOCK.findall(PAGE) if name == kind]


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give each command of a block with what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, printed


def fits(printed: str, expected: str) -> bool:
    """Tell whether something was printed as the page has it, where … stands for anything."""
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in expected.split("…"))
    return re.fullmatch(pattern.replace(r"\ .*", ".*"), " ".join(printed.split())) is not None


def test_every_command_of_the_page_does_what_it_shows(
    rdma, project, kari, token, live_server, workers, tmp_path, monkeypatch, capsys
):
    ids = {"17": 0, "3": 0, "9": 0}

    def work() -> None:
        for pk in Arrival.objects.filter(ended_at=None).values_list("pk", flat=True):
            settle_arrival(pk)
        Study.objects.update(last_received_at=timezone.now() - timedelta(minutes=5))
        for transfer in TransferRequest.objects.filter(participant__pseudonym="BICAM_0007"):
            run_to_the_end(transfer)
        for pk in Package.objects.filter(state="waiting").values_list("pk", flat=True):
            build_package(pk)

    workers.append(work)
    monkeypatch.setenv("RDMA_URL", live_server.url)
    monkeypatch.setenv("RDMA_TOKEN", token)
    _prepare(project, tmp_path)

    for typed, expected in (pair for text in blocks("console") for pair in commands(text)):
        ids |= {"17": _newest(Study), "3": _newest_transfer(), "9": _newest(Package)}
        words = [_own(word, ids) for word in shlex.split(os.path.expandvars(typed))]
        printed = _curl(words[1:]) if words[0] == "curl" else ""
        if words[0] == "rdma":
            assert rdma(*words[1:]) == 0, typed
            printed = capsys.readouterr().out
        ids |= {"17": _newest(Study), "3": _newest_transfer(), "9": _newest(Package)}
        number = ROOMS.get(words[1], "")
        if number:
            printed = re.sub(rf"^{ids[number]}(?=  )", number, printed, flags=re.MULTILINE)
        assert fits(printed, expected), f"{typed}\n{printed}"


def test_the_python_of_the_page_prints_what_it_shows(
    portal, project, kari, tmp_path, monkeypatch, capsys
):
    _prepare(project, tmp_path)
    (study,) = quarantine(tmp_path / "incoming", kari)
    ensure_participant(by=kari, project=project, pseudonym="BICAM_0007")
    monkeypatch.setattr(Portal, "from_environment", lambda: portal)
    (code,) = blocks("python")

    exec(compile(code.replace("17", str(study.pk)), "docs/rest.md", "exec"), {})

    assert capsys.readouterr().out == blocks("text")[0]


def test_the_page_tells_every_type_of_problem():
    for kind in PROBLEM["properties"]["type"]["enum"]:
        assert f"| `{kind}` |" in PAGE


def _prepare(project, folder: Path) -> None:
    """Fill a folder to upload, and a research copy with one study of BICAM_0001."""
    make_mr_series(folder / "incoming", n=2)
    make_mr_series(folder / "copied", n=2)
    add_study(project, dicom_files(folder / "copied"), number=1)
    index_runs()
    for study in ResearchStudy.objects.all():
        index_study(study.pk)


def _newest(model) -> int:
    row = model.objects.order_by("-pk").first()
    return row.pk if row else 0


def _newest_transfer() -> int:
    transfer = TransferRequest.objects.filter(participant__pseudonym="BICAM_0007").first()
    return transfer.pk if transfer else 0


def _own(word: str, ids: dict[str, int]) -> str:
    """Put the ids of this run in place of the page's."""
    if word in ids:
        return str(ids[word])
    return word.replace('"study": 17', f'"study": {ids["17"]}')


def _curl(words: list[str]) -> str:
    """Ask as curl would with these words, which are few."""
    said = {"-X": ["GET"], "-H": [], "-d": [""]}
    address = ""
    rest = iter(words)
    for word in rest:
        if word in said:
            said[word].append(next(rest))
        else:
            address = word
    request = urllib.request.Request(
        address,
        method=said["-X"][-1],
        data=said["-d"][-1].encode() or None,
        headers=dict(line.split(": ", 1) for line in said["-H"]),
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
