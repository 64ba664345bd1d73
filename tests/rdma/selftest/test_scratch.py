"""A scratch installation has nothing of the hospital's, and leaves nothing behind."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from rdma.selftest.__main__ import main
from rdma.selftest.scratch import NoScratchDatabase, scratch_installation

pytestmark = pytest.mark.django_db(transaction=True)


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_it_has_a_database_of_its_own_that_is_dropped(tmp_path):
    before = databases()

    with scratch_installation(tmp_path) as environment:
        made = databases() - before
        url = Path(environment["DATABASE_URL_FILE"]).read_text()

    assert len(made) == 1
    assert url.endswith(made.pop())
    assert databases() == before
    assert not Path(environment["DATABASE_URL_FILE"]).exists()


def test_it_knows_no_setting_of_the_hospital(tmp_path, monkeypatch):
    ours = ("RDMA_MASTER_KEY", "SECRET_KEY_FILE", "DATABASE_URL", "LDAP_URI", "EMAIL_URL")
    for name in (*ours, "DICOM_AE_TITLE"):
        monkeypatch.setenv(name, "the hospital's")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://hospital")

    with scratch_installation(tmp_path) as environment:
        kept = dict(environment)

    assert "the hospital's" not in kept.values()
    assert kept["CELERY_BROKER_URL"] == "filesystem://"
    assert kept["RDMA_DATA_DIR"] == str(tmp_path / "data")


def test_a_user_who_may_make_no_database_is_told_so(tmp_path, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS makes_nothing")
        cursor.execute("CREATE ROLE makes_nothing")
    options = connection.settings_dict.get("OPTIONS", {}) | {"options": "-c role=makes_nothing"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    with (
        pytest.raises(NoScratchDatabase, match="may not create a database"),
        scratch_installation(tmp_path),
    ):
        pytest.fail("there was a database all the same")


def test_the_walk_refuses_any_other_installation(tmp_path):
    with pytest.raises(SystemExit, match="no scratch installation"):
        main(tmp_path)

    assert Path(settings.RDMA_DATA_DIR) != tmp_path / "data"
