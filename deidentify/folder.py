"""De-identifying a whole folder: survey it first, then rewrite each file, and account for all.

The survey tells which files are about whom, what else is known of each patient, and which
instances share a SOP Instance UID though they differ.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from deidentify.errors import Refused
from deidentify.header import read_header
from deidentify.identity import Identity
from deidentify.known import Known
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import Written, rewrite
from deidentify.rules import Rule

CHUNK = 32


@dataclass(frozen=True)
class Settings:
    """What a run does to every file; everything a worker process needs.

    `identities` is patient ID -> Identity; the one under "" is for everybody.
    """

    profile: str
    options: tuple[str, ...]
    rules: tuple[Rule, ...]
    identities: Mapping[str, Identity] = field(repr=False)
    verify: bool = True

    def identity(self, patient_id: str) -> Identity | None:
        return self.identities.get(patient_id) or self.identities.get("")

    def plan(self, identity: Identity) -> Plan:
        return compile_plan(self.profile, identity=identity, options=self.options, rules=self.rules)


@dataclass(frozen=True)
class Job:
    """One file to rewrite."""

    source: Path
    patient_id: str = field(repr=False)
    apart: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one file: `written`, `held`, `rejected` or `duplicate`."""

    source: Path
    outcome: str
    code: str = ""
    sentence: str = ""
    target: str = ""
    written: Written | None = None
    uids: Mapping[str, str] = field(default_factory=dict, repr=False)
    findings: tuple[Mapping[str, object], ...] = ()
    is_apart: bool = False
    patient: tuple[str, str] = field(default=("", ""), repr=False)  # Patient ID, pseudonym


@dataclass
class Survey:
    """What a folder holds."""

    jobs: list[Job] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=lambda: defaultdict(Known), repr=False)
    sources: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list), repr=False)

    def rejected(self) -> list[tuple[Path, str]]:
        """The files that cannot even be read, with the sentence that says why."""
        return [
            (result.source, result.sentence)
            for result in self.results
            if result.outcome == "rejected"
        ]


def files_of(source: Path) -> Iterator[Path]:
    """Every regular file below `source`, in the order of their names; links are not followed."""
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def survey(files: Iterable[Path]) -> Survey:
    """Read every header once."""
    found = Survey()
    instances: dict[str, list[Job]] = defaultdict(list)
    for path in files:
        try:
            header = read_header(path)
        except Refused as refused:
            found.results.append(_refused(path, refused))
            continue
        found.known[header.patient_id].update(header.identifying)
        found.sources[header.patient_id].append(path)
        instances[header.sop_instance_uid].append(Job(path, header.patient_id))
    for jobs in instances.values():
        found.jobs += jobs if len(jobs) == 1 else _kept_apart(jobs, found.results)
    found.jobs.sort(key=lambda job: job.source)
    return found


def _kept_apart(jobs: list[Job], results: list[Result]) -> list[Job]:
    """Instances that share a UID: the same file goes once, others get UIDs of their own."""
    contents: dict[str, Job] = {}
    for job in jobs:
        with job.source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest in contents:
            sentence = "The same file is there twice; it is written once."
            results.append(Result(job.source, "duplicate", "duplicate", sentence))
        else:
            contents[digest] = job
    if len(contents) == 1:
        return list(contents.values())
    return [Job(job.source, job.patient_id, digest) for digest, job in contents.items()]


def _refused(source: Path, refused: Refused) -> Result:
    return Result(source, "rejected", refused.code, refused.sentence)


class Worker:
    """Rewrites and verifies files; one per process, so that plans and terms are compiled once."""

    def __init__(
        self,
        settings: Settings,
        target: Path,
        known: Mapping[str, Known],
        sources: Mapping[str, list[Path]],
    ) -> None:
        self.settings = settings
        self.target = target
        self.known = known
        self.sources = sources
        self._plans: dict[Identity, Plan] = {}
        self._checks: dict[str, object] = {}

    def take(self, job: Job) -> Result:
        """Do one file; whatever goes wrong with it is its own result."""
        identity = self.settings.identity(job.patient_id)
        if identity is None:
            return _refused(job.source, Refused("unknown-patient"))
        plan = self._plans.get(identity)
        if plan is None:
            plan = self._plans[identity] = self.settings.plan(identity)
        try:
            return self._rewritten(job, plan)
        except Refused as refused:
            return _refused(job.source, refused)
        except OSError as error:
            sentence = f"The file could not be read or written: {error.strerror}."
            return Result(job.source, "rejected", "unreadable", sentence)
        except RecursionError:
            return _refused(job.source, Refused("too-deep"))

    def _rewritten(self, job: Job, plan: Plan) -> Result:
        header = read_header(job.source)
        # The place follows from the new UIDs alone: nothing of the source's names goes along.
        new = {
            uid: plan.new_uid(uid)
            for uid in (header.study_instance_uid, header.series_instance_uid)
        }
        folder = self.target.joinpath(
            _as_folder(plan.identity.pseudonym), *(_as_folder(uid[-24:]) for uid in new.values())
        )
        folder.mkdir(parents=True, exist_ok=True)
        waiting = folder / f"{hashlib.sha256(str(job.source).encode()).hexdigest()[:32]}.waiting"
        known = self.known.get(job.patient_id)
        written = rewrite(job.source, waiting, plan, known=known, apart=job.apart, digest=False)
        try:
            findings = self._findings(job, plan, waiting) if self.settings.verify else ()
        except BaseException:
            waiting.unlink(missing_ok=True)
            raise
        if findings:
            waiting.unlink()
            sentence = "Something that may identify the patient is left; the file was not written."
            return Result(job.source, "held", "leak", sentence, findings=findings)
        place = folder / f"{_as_folder(written.sop_instance_uid)}.dcm"
        waiting.replace(place)
        uids = {
            **new,
            header.sop_instance_uid: written.sop_instance_uid,
        }
        return Result(
            job.source,
            "written",
            target=str(place.relative_to(self.target)),
            written=written,
            uids=uids,
            is_apart=bool(job.apart),
            patient=(job.patient_id, plan.identity.pseudonym),
        )

    def _findings(self, job: Job, plan: Plan, output: Path) -> tuple[Mapping[str, object], ...]:
        # Imported late: the search automaton is heavy, and a run may go without it.
        from deidentify.leaks import LeakCheck, SearchTerms

        check = self._checks.get(job.patient_id)
        if not isinstance(check, LeakCheck):
            terms = SearchTerms(kept_tags=plan.kept_tags, written=plan.written_values)
            for source in self.sources.get(job.patient_id, [job.source]):
                terms.read(source)
            check = self._checks[job.patient_id] = LeakCheck(terms)
        return tuple(
            {
                "kind": finding.kind,
                "path": finding.path,
                "sure": finding.sure,
                "sentence": finding.sentence,
                "source_path": finding.source_path,
                "fingerprint": finding.fingerprint,
            }
            for finding in check.examine(job.source, output)
        )


def _as_folder(text: str) -> str:
    """Text as the name of a file or folder: nothing that leads elsewhere."""
    safe = "".join(c if c.isalnum() or c in "_-." else "_" for c in text)
    return safe.lstrip(".") or "_"


_worker: list[Worker] = []


def _start(make: "partial[Worker]") -> None:
    _worker[:] = [make()]


def _take(job: Job) -> Result:
    return _worker[0].take(job)


def deidentify_folder(
    source: Path, target: Path, settings: Settings, *, jobs: int = 1
) -> list[Result]:
    """De-identify every file below `source` into `target`; return one result for each.

    Args:
        source: folder or file.
        target: folder; made if needed. Output names hold pseudonym and new UIDs only.
        settings: profile and identities.
        jobs: processes.
    """
    inside = target.resolve()
    files = (path for path in files_of(source) if inside not in path.resolve().parents)
    found = survey(files)
    target.mkdir(parents=True, exist_ok=True)
    make = partial(Worker, settings, target, dict(found.known), dict(found.sources))
    if jobs == 1 or len(found.jobs) < 2:
        worker = make()
        results = [worker.take(job) for job in found.jobs]
    else:
        context = get_context("fork")
        with ProcessPoolExecutor(jobs, context, _start, (make,)) as pool:
            results = list(pool.map(_take, found.jobs, chunksize=CHUNK))
    for folder in sorted(target.rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()  # of a series all of which was held
    return sorted(found.results + results, key=lambda result: result.source)


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many files had which outcome; their sum is what was found."""
    counter = Counter(result.outcome for result in results)
    return {name: counter[name] for name in ("written", "held", "rejected", "duplicate")}
