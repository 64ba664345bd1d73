"""De-identifying a whole folder: every file is taken once, and accounted for.

What one file tells of the patient is searched for in all of them, and files that share a SOP
Instance UID are told apart; both are known only at the end. So files are rewritten with what is
known so far, and those that were rewritten with less than all, which are few, are taken again.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from deidentify.crew import Crew, Progress
from deidentify.errors import Refused
from deidentify.folder_worker import CLASH, Done, Worker, as_folder
from deidentify.header import read_header
from deidentify.known import Known
from deidentify.outcomes import Result, Settings, refused_as
from deidentify.survey import Job, entries_of, kept_apart
from deidentify.vocabulary import Term

SAMPLED = 64


def deidentify_folder(
    source: Path,
    target: Path,
    settings: Settings,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Result]:
    """De-identify every file below `source` into `target`; return one result for each.

    Args:
        source: folder or file.
        target: folder; made if needed. Output names hold pseudonym and new UIDs only.
        settings: profile and identities.
        jobs: processes.
        progress: told again and again how many files were taken, and of how many.
    """
    entries = list(entries_of(source))
    results = [refused_as(path, Refused("not-regular")) for path, is_file in entries if not is_file]
    files = [path for path, is_file in entries if is_file]
    target.mkdir(parents=True, exist_ok=True)
    known: dict[str, Known] = defaultdict(Known)
    for path in _samples(files):
        _tell(path, known)
    worker = Worker(settings, target, known)
    crew = Crew(worker, jobs, progress)
    done = crew.each(Worker.take, files, _lost)
    told: frozenset[Term] | None = None
    for one in done:
        if one.header is not None and one.header.identifying is not told:
            told = one.header.identifying
            known[one.header.patient_id].update(told)
    done = _with_all_that_is_known(crew, done)
    done = _apart(crew, done, results)
    written = [one.result for one in done]
    if settings.verify:
        written = _verified(crew, written)
    for pseudonym in {identity.pseudonym for identity in settings.identities.values()}:
        _remove_empty(target / as_folder(pseudonym))
    return sorted(results + written, key=lambda result: result.source)


def _samples(files: Sequence[Path]) -> Iterator[Path]:
    """Files that are read beforehand: one of each folder, and some of many."""
    folders = set()
    for number, path in enumerate(files):
        folder = os.path.dirname(path)  # noqa: PTH120 - once for each file
        if folder not in folders or number % SAMPLED == 0:
            folders.add(folder)
            yield path


def _tell(path: Path, known: dict[str, Known]) -> None:
    try:
        header = read_header(path)
    except Exception:  # noqa: BLE001 - it is refused when its turn comes
        return
    known[header.patient_id].update(header.identifying)


def _with_all_that_is_known(crew: Crew, done: list[Done]) -> list[Done]:
    """Take again what was rewritten when less was known of the patient."""
    all_known = {patient_id: known.identifying for patient_id, known in crew.worker.known.items()}
    less = [
        one
        for one in done
        if one.header is not None
        and one.result.outcome == "written"
        and one.knew != all_known[one.header.patient_id]
    ]
    if not less:
        return done
    for one in less:
        crew.worker.forget(one)
    again = crew.each(Worker.take, [one.result.source for one in less], _lost)
    stays = {id(one) for one in less}
    return [one for one in done if id(one) not in stays] + again


def _apart(crew: Crew, done: list[Done], results: list[Result]) -> list[Done]:
    """Give files that share a UID their own, and let the same file go once."""
    instances: dict[str, list[Done]] = defaultdict(list)
    for one in done:
        if one.header is not None:
            instances[one.header.sop_instance_uid].append(one)
    # One that clashed is taken again even if the other has fallen away since.
    shared = [
        ones
        for ones in instances.values()
        if len(ones) > 1 or any(one.result.outcome == CLASH for one in ones)
    ]
    if not shared:
        return done
    again: list[Job] = []
    taken = set()
    for ones in shared:
        ones.sort(key=lambda one: one.result.source)
        for one in ones:
            crew.worker.forget(one)
            taken.add(id(one))
        again += kept_apart([Job(one.result.source, "") for one in ones], results)
    apart = crew.each(Worker.take_apart, again, lambda job: _lost(job.source))
    settled = [_lost(one.result.source) if one.result.outcome == CLASH else one for one in apart]
    return [one for one in done if id(one) not in taken] + settled


def _verified(crew: Crew, results: list[Result]) -> list[Result]:
    # Imported late: the search automaton is heavy, and a run may go without it.
    from deidentify.folder_proof import compared, outputs_of

    sources: dict[str, list[Path]] = defaultdict(list)
    for result in results:
        if result.outcome == "written":
            sources[result.patient[0]].append(result.source)
    crew.worker.sources = dict(sources)
    crew.worker.outputs = outputs_of(results)
    written = [result for result in results if result.outcome == "written"]
    others = [result for result in results if result.outcome != "written"]
    verified = crew.each(Worker.verify, written, _unsearched)
    return others + compared(verified, Path(crew.worker.target))


def _lost(source: Path) -> Done:
    return Done(refused_as(source, Refused("unforeseen")))


def _unsearched(result: Result) -> Result:
    return refused_as(result.source, Refused("unforeseen"))


def _remove_empty(participant: Path) -> None:
    """Remove the folders of series all of which was held; nobody else's."""
    for folder, _, _ in os.walk(participant, topdown=False):
        if not os.listdir(folder):  # noqa: PTH208
            Path(folder).rmdir()
