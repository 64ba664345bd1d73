"""How log lines are written: where something went wrong and of what kind, never with which value.

The text of an exception can hold what a sender wrote (a name that cannot be decoded, a row that a
database refuses). The frames and the types say as much to whoever mends it.
"""

import logging
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(logging.Formatter):
    """Writes an exception as its frames and its type, without its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a copy, so that other handlers find the record as it was."""
        record = logging.makeLogRecord(record.__dict__)
        record.exc_text = None
        if record.name.startswith("celery.") and isinstance(record.args, Mapping):
            record.args = _without_text(record.args)
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        """Return the chain of exceptions, the cause first."""
        parts = []
        error, seen = ei[1], set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = traceback.extract_tb(error.__traceback__)
            lines = [f"  {one.filename}:{one.lineno} in {one.name}" for one in frames]
            parts.append("\n".join([*lines, type(error).__qualname__]))
            error = error.__cause__ or error.__context__
        return "\nand then\n".join(reversed(parts))


def _without_text(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Celery says of a task that broke, with the exception's type alone."""
    kept = {name: value for name, value in facts.items() if name not in {"traceback", "args"}}
    if "exc" in kept:
        kept["exc"] = str(kept["exc"]).partition("(")[0]
    return {"traceback": "", "args": "", **kept}
