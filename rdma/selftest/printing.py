"""The report as lines of text, for a terminal."""

from collections.abc import Iterator

from rdma.selftest.report import Report, Row, floored

HEAD = f"{'':48}{'planted':>9}{'leaked':>8}{'held':>7}{'to keep':>9}{'lost':>6}{'held':>7}"
HEAD += f"{'errors':>8}{'broken':>8}{'score':>10}"


def lines(report: Report) -> Iterator[str]:
    """Yield the table, what did not leave and why, what fell short, and the bars."""
    yield HEAD
    for row in report.rows:
        yield _row(row)
    yield _row(report.total)
    yield ""
    yield f"{report.files} files of {report.kinds} kinds"
    yield f"{report.subjects} invented patients, seed {report.seed}"
    for why, count in sorted(report.apart.items()):
        yield f"  {count:>4} {why}"
    if report.packages:
        yield ""
        yield "Packages for export, of everything that was delivered"
        for one in report.packages:
            yield f"  {one['title']:<46}{one['members']:>6} members  {one['end']}"
    yield ""
    yield "Required actions, done of all"
    for action, (done, count) in report.by_action.items():
        yield f"  {action:<20}{done:>8} of {count:<8}{floored(done / count):>9}"
    if report.shown:
        yield ""
        yield from (f"  {line}" for line in report.shown)
    yield ""
    for bar in report.bars:
        word = "held  " if bar.is_held else "MISSED"
        yield f"  {word}  {bar.title}: {bar.found} (needed: {bar.needed})"


def _row(row: Row) -> str:
    name = f"{row.cell:<9}{row.title}" if row.cell else row.title
    score = "–" if row.score is None else floored(row.score)
    return (
        f"{name:48}{row.planted:>9}{row.leaked:>8}{row.held:>7}{row.to_keep:>9}{row.lost:>6}"
        f"{row.held_to_keep:>7}{row.errors:>8}{row.broken:>8}{score:>10}"
    )
