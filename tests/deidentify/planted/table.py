"""The result as a table: per kind and cell what was planted, leaked, kept and refused."""

from collections import Counter
from collections.abc import Sequence

from rdma.selftest.scoring import Verdict, said


def totals(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return the sums that the bars are about."""
    return {
        "files": len(verdicts),
        "kinds": len({v.sheet.kind for v in verdicts}),
        "refused": sum(v.is_refused for v in verdicts),
        "unread": sum(bool(v.unread) for v in verdicts),
        "planted": sum(len(v.sheet.plants) for v in verdicts),
        "leaked": sum(len(v.leaks) for v in verdicts),
        "to keep": sum(len(v.sheet.keeps) for v in verdicts),
        "kept": sum(len(v.sheet.keeps) - len(v.lost) for v in verdicts),
        "broken": sum(len(v.broken) for v in verdicts),
        "new errors": sum(len(v.new_errors) for v in verdicts),
    }


def by(verdicts: Sequence[Verdict], *, what: str) -> list[str]:
    """Return lines per `kind` or `cell`."""
    planted: Counter[str] = Counter()
    leaked: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for v in verdicts:
        for counter, entries in ((planted, v.sheet.plants), (leaked, v.leaks),
                                 (asked, v.sheet.keeps), (lost, v.lost)):  # fmt: skip
            counter.update(v.sheet.kind if what == "kind" else e.cell for e in entries)
        if v.output is None:
            refused.update([v.sheet.kind] if what == "kind" else [p.cell for p in v.sheet.plants])
    lines = [f"{what:24} planted  leaked to keep    kept refused"]
    for name in sorted(planted | asked):
        share = 100 * (1 - lost[name] / asked[name]) if asked[name] else 100.0
        lines.append(
            f"{name:24} {planted[name]:7} {leaked[name]:7} {asked[name]:7} {share:6.1f}% "
            f"{refused[name]:7}"
        )
    return lines


def details(verdicts: Sequence[Verdict], most: int = 40) -> list[str]:
    """Return what to look at first: leaks, broken references, new errors, what was lost."""
    lines: list[str] = []
    for v in verdicts:
        name = v.sheet.name
        if v.output is None or v.unread:
            lines.append(f"REFUSED {name}: {v.came.reason or v.unread}")
        lines += [
            f"LEAK {name} {p.cell} {said(p.way)} {p.needle!r} at {v.places[p.needle][:3]}"
            for p in v.leaks
        ]
        lines += [f"BROKEN {name} {said(way)}" for way in v.broken]
        lines += [f"ERROR {name} {line}" for line in v.new_errors]
    lost = Counter(f"{k.cell} {said(k.way)}" for v in verdicts for k in v.lost)
    samples = {f"{k.cell} {said(k.way)}": (v.sheet.kind, k.token) for v in verdicts for k in v.lost}
    lines += [f"LOST {n} × {name} {samples[name]}" for name, n in lost.most_common(most)]
    return lines
