"""Log lines say where and what kind, and never a value."""

import io
import logging

import pytest
from django.conf import settings

from rdma.logs import WithoutValues

NAME = "Fjell^Turid Aasen"


@pytest.fixture
def written():
    """A logger under a name, and what its console shows."""
    handlers = []

    def start(name: str) -> tuple[logging.Logger, io.StringIO]:
        shown = io.StringIO()
        handler = logging.StreamHandler(shown)
        handler.setFormatter(WithoutValues("%(levelname)s %(name)s %(message)s"))
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        handlers.append((logger, handler))
        return logger, shown

    yield start
    for logger, handler in handlers:
        logger.removeHandler(handler)


def decode() -> None:
    try:
        raise ValueError(NAME)
    except ValueError as error:
        raise RuntimeError(f"{NAME} cannot be read") from error


def test_exception_is_written_without_its_text_and_with_its_place(written):
    logger, shown = written("tests.broken")

    try:
        decode()
    except RuntimeError:
        logger.exception("run 7 broke")

    text = shown.getvalue()
    assert "ERROR tests.broken run 7 broke" in text
    assert "Fjell" not in text
    assert "in decode" in text
    assert text.index("ValueError") < text.index("RuntimeError")


def test_task_that_broke_is_told_without_the_text_of_its_exception(written):
    logger, shown = written("celery.app.trace")
    facts = {"name": "advance", "id": "1", "exc": repr(ValueError(NAME)), "traceback": NAME}

    logger.error("Task %(name)s[%(id)s] raised: %(exc)s %(traceback)s", facts)

    assert shown.getvalue() == "ERROR celery.app.trace Task advance[1] raised: ValueError \n"


def test_every_handler_of_the_house_writes_this_way():
    formatters = settings.LOGGING["formatters"]

    assert all(one["()"] == "rdma.logs.WithoutValues" for one in formatters.values())
    assert all("formatter" in one for one in settings.LOGGING["handlers"].values())
