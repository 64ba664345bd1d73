"""One process of the fuzzer: takes numbered inputs, and says of each what came of it.

    python -m tests.deidentify.fuzz.worker FIRST LAST STEP FOLDER

One JSON line for each input that ended as none may, and one with the counts at the end. The
number under way stands in FOLDER/number, for whoever finds this process dead. An input that
takes too much processor time, or too much memory, ends the process.
"""

import json
import re
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from pydicom import dcmread

from deidentify.decisions import MEASURED_VRS
from deidentify.elements import lookup
from deidentify.errors import REFUSALS, Refused
from deidentify.explain import Explainer
from deidentify.header import read_header
from deidentify.inventory import SeriesInventory
from deidentify.known import Known
from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.fuzz.mutations import damaged
from tests.deidentify.fuzz.seeds import NAME, NUMBER, PLANTED
from tests.deidentify.samples import identity

SECONDS = 5
MORE_MEMORY = 512 * 1024 * 1024
PLANS = (
    ("research", ()),
    ("research", ("retain-uids", "full-dates")),
    ("basic", ()),
    ("mmiv-2019", ()),
)
# At the bounds of words: what damage has glued to other letters is no longer that word.
LEFT = re.compile(rf"(?i)(?<![^\W\d_])(?:{b'|'.join(PLANTED).decode()})(?![^\W_])")
HOLES = PLANS.index(("mmiv-2019", ()))  # known to keep texts, and says so
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


class Wrong(AssertionError):
    """An input ended as none may."""


def made_plan(number: int) -> Plan:
    profile, options = PLANS[number % len(PLANS)]
    return compile_plan(profile, identity=identity(), options=options)


def told() -> Known:
    known = Known()
    known.add("name", NAME)
    known.add("identifier", NUMBER)
    return known


class Fuzzer:
    """Holds what is warm between inputs, as a real worker does."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "source.dcm"
        self.target = folder / "target.dcm"
        self.plans = [made_plan(number) for number in range(len(PLANS))]
        self.known = told()

    def outcome(self, number: int) -> str:
        """Run one input; return what came of it.

        Raises:
            Wrong: it is nothing that may come of it. Any other exception is no better.
        """
        seed, raw, rng = damaged(number)
        self.source.write_bytes(raw)
        self.target.unlink(missing_ok=True)
        chosen = rng.randrange(len(PLANS))
        known = self.known if rng.random() < 0.7 else None
        if number % 50 == 0:
            self.readers(self.plans[chosen])
        try:
            written = rewrite(
                self.source, self.target, self.plans[chosen], known=known, digest=number % 2 == 0
            )
        except Refused as refused:
            if refused.code not in REFUSALS:
                raise Wrong("an unknown refusal") from refused
            if self.target.exists() or self.target.with_name("target.dcm.part").exists():
                raise Wrong("something was written for what was refused") from refused
            self.silent(refused.sentence)
            return refused.code
        output = self.target.read_bytes()
        header = read_header(self.target)
        if header.sop_instance_uid != written.sop_instance_uid:
            raise Wrong("the output is another instance")
        if header.patient_id != self.plans[chosen].identity.pseudonym:
            raise Wrong("the output is not the participant's")
        if seed.is_planted and known is not None and chosen != HOLES:
            self.clean(output)
        if number % 25 == 1:
            self.reads(number)
        if number % 100 == 2:
            rewrite(self.source, self.target, made_plan(chosen), known=known)
            if self.target.read_bytes() != output:
                raise Wrong("a fresh plan writes other bytes than a warm one")
        if number % 50 == 3:
            LeakCheck(SearchTerms()).examine(self.source, self.target)
        return "written"

    def silent(self, sentence: str) -> None:
        if LEFT.search(sentence):
            raise Wrong("the refusal names a value")

    def clean(self, output: bytes) -> None:
        """Check that no planted value is left outside the pixel data."""
        if not LEFT.search(output.decode("latin-1")):
            return
        dataset = dcmread(self.target)
        for tag in PIXELS:
            dataset.pop(tag, None)
        if any(LEFT.search(value) for value in values(dataset)):
            raise Wrong("a planted value is left")

    def reads(self, number: int) -> None:
        """Check that pydicom reads every element of the output."""
        dataset = dcmread(self.target)
        for element in dataset.iterall():
            str(element.value)
        if dataset.PatientIdentityRemoved != "YES":
            raise Wrong("the output does not say that the patient was removed")

    def readers(self, plan: Plan) -> None:
        """Let everything else that reads files meet the input; a refusal is fine."""
        try:
            read_header(self.source)
        except Refused:
            pass
        inventory = SeriesInventory()
        inventory.add(self.source)
        list(inventory.rows())
        try:
            Explainer(plan).explain(self.source)
        except Refused:
            pass
        terms = SearchTerms()
        terms.read(self.source)
        LeakCheck(terms).examine(self.source, self.source)


def values(dataset):
    """Every value below `dataset` as text, wherever it stands.

    Measurements are not among them: no engine can tell samples from letters.
    """
    for element in dataset:
        known = lookup(int(element.tag))
        if known is not None and known[0] in MEASURED_VRS and isinstance(element.value, bytes):
            continue
        if element.VR == "SQ":
            for item in element.value:
                yield from values(item)
        elif isinstance(element.value, bytes):
            yield element.value.decode("latin-1")
        else:
            yield str(element.value)


def memory_limit() -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MORE_MEMORY, size + MORE_MEMORY))


def run(first: int, last: int, step: int, folder: Path) -> None:
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    fuzzer = Fuzzer(folder)
    counts: Counter[str] = Counter()
    damaged(0)
    memory_limit()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with (folder / "number").open("wb", buffering=0) as at:
        for number in range(first, last, step):
            at.seek(0)
            at.write(struct.pack("<Q", number))
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                counts[fuzzer.outcome(number)] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                counts["WRONG"] += 1
                text = "".join(traceback.format_exception(error))
                sys.stdout.write(json.dumps({"number": number, "wrong": text}) + "\n")
                sys.stdout.flush()
            signal.setitimer(signal.ITIMER_PROF, 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    seconds = time.monotonic() - began
    end = {"counts": counts, "more_kb": memory, "seconds": seconds}
    sys.stdout.write(json.dumps(end) + "\n")


if __name__ == "__main__":
    begin, end, every = map(int, sys.argv[1:4])
    run(begin, end, every, Path(sys.argv[4]))
