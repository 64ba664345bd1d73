"""How many doors the tests of this run have tried, by what kind: printed at the end.

A plugin of its own, since tests may run in several processes: each hands its counts to the first.
"""

from collections import Counter
from typing import Any

import pytest

TALLY: Counter[str] = Counter()
HANDED_OVER = "doors"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of this process to the one that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[HANDED_OVER] = dict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take the counts of a process that has ended."""
    TALLY.update(getattr(node, "workeroutput", {}).get(HANDED_OVER, {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many doors were tried."""
    if TALLY.total():
        said = ", ".join(f"{count:,} {what}" for what, count in sorted(TALLY.items()))
        terminalreporter.write_line(f"doors: {said}")
