"""The bars that issues 3 and 4 set, as data, and whether a run held them."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.contenders import COPY, ENGINE, TWO, VERIFIED
from benchmarks.rounds import PART, WHOLE, Outcome

AGAINST_COPY = {"ct": 1.4, "mr": 5.0, "compressed": 2.5, "multiframe": 1.3}
AGAINST_PEERS = {"ct": 8.0, "mr": 8.0}
VERIFIED_AGAINST_ALONE = {"ct": 3.0, "mr": 3.0}
TWO_AGAINST_ONE = 1.6
MEMORY = 150  # MB of 10**6 bytes


@dataclass(frozen=True)
class Bar:
    """One promise: what was measured, the bar, and whether it was held (None: not measured)."""

    what: str
    bar: str
    measured: str
    is_held: bool | None


def judged(outcomes: Sequence[Outcome]) -> list[Bar]:
    """Return every bar that the kinds measured are about."""
    bars: list[Bar] = []
    for outcome in outcomes:
        if outcome.kind in AGAINST_COPY:
            bars.append(_against_copy(outcome, AGAINST_COPY[outcome.kind]))
    for outcome in outcomes:
        if outcome.kind in VERIFIED_AGAINST_ALONE:
            bars.append(_verified_against_alone(outcome, VERIFIED_AGAINST_ALONE[outcome.kind]))
    for outcome in outcomes:
        if outcome.kind in AGAINST_PEERS:
            bars += _against_peers(outcome, AGAINST_PEERS[outcome.kind])
    bars += [_two_against_one(outcome) for outcome in outcomes]
    bars += [_memory(outcome) for outcome in outcomes]
    return bars


def _against_copy(outcome: Outcome, most: float) -> Bar:
    what = f"{outcome.kind}: time of the engine, one process, against `cp -r`"
    ours, copy = outcome.on(WHOLE, ENGINE), outcome.on(WHOLE, COPY)
    if ours is None or copy is None:
        return Bar(what, f"at most {most} ×", "not measured", None)
    ratio = ours.seconds / copy.seconds
    return Bar(what, f"at most {most} ×", f"{ratio:.2f} ×", ratio <= most)


def _verified_against_alone(outcome: Outcome, most: float) -> Bar:
    what = f"{outcome.kind}: time of the engine with its proof against without, one process"
    alone, verified = outcome.on(WHOLE, ENGINE), outcome.on(WHOLE, VERIFIED)
    if alone is None or verified is None:
        return Bar(what, f"at most {most} ×", "not measured", None)
    ratio = verified.seconds / alone.seconds
    return Bar(what, f"at most {most} ×", f"{ratio:.2f} ×", ratio <= most)


def _against_peers(outcome: Outcome, least: float) -> list[Bar]:
    ours = outcome.on(PART, ENGINE)
    bars: list[Bar] = []
    for (study, name), runs in outcome.runs.items():
        if study != PART or not runs.contender.is_python:
            continue
        what = f"{outcome.kind}: time of {name} against the engine, one process"
        peer = outcome.on(study, name)
        if ours is None or peer is None:
            bars.append(Bar(what, f"at least {least} ×", "not measured", None))
            continue
        ratio = peer.seconds / ours.seconds
        bars.append(Bar(what, f"at least {least} ×", f"{ratio:.1f} ×", ratio >= least))
    return bars


def _two_against_one(outcome: Outcome) -> Bar:
    what = f"{outcome.kind}: speed of two processes against one"
    bar = f"at least {TWO_AGAINST_ONE} ×"
    one, two = outcome.on(WHOLE, ENGINE), outcome.on(WHOLE, TWO)
    if one is None or two is None:
        return Bar(what, bar, "not measured", None)
    ratio = one.seconds / two.seconds
    return Bar(what, bar, f"{ratio:.2f} ×", ratio >= TWO_AGAINST_ONE)


def _memory(outcome: Outcome) -> Bar:
    what = f"{outcome.kind}: peak memory of the engine's largest process"
    bar = f"below {MEMORY} MB"
    runs = [found for name in (ENGINE, TWO) if (found := outcome.on(WHOLE, name))]
    if not runs:
        return Bar(what, bar, "not measured", None)
    peak = max(one.peak for one in runs) / 1e6
    return Bar(what, bar, f"{peak:.0f} MB", peak < MEMORY)
