"""Settings readers: a value that cannot be used stops the start with a sentence."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from rdma.environment import drawn_once, env, env_bool, env_int, env_list


def test_a_value_comes_from_the_environment_or_from_the_file_it_names(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("  from a file\n")
    monkeypatch.setenv("ONE", "plain")
    monkeypatch.setenv("OTHER", "overruled")
    monkeypatch.setenv("OTHER_FILE", str(secret))

    assert env("ONE") == "plain"
    assert env("OTHER") == "from a file"
    assert env("NEITHER", "a default") == "a default"


def test_what_is_missing_stops_the_start_and_says_where_to_look():
    with pytest.raises(ImproperlyConfigured, match=r"Set MISSING \(see \.env\.example\)\."):
        env("MISSING")


def test_a_file_that_cannot_be_read_is_named_by_its_variable_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("ONE_FILE", str(tmp_path / "not-there"))

    with pytest.raises(ImproperlyConfigured) as stopped:
        env("ONE")

    assert str(stopped.value).startswith("ONE_FILE cannot be read")
    assert "not-there" not in str(stopped.value)


def test_numbers_are_whole(monkeypatch):
    monkeypatch.setenv("ONE", "12")
    monkeypatch.setenv("OTHER", "twelve")

    assert env_int("ONE", 1) == 12
    assert env_int("NEITHER", 7) == 7
    with pytest.raises(ImproperlyConfigured, match="OTHER must be a whole number"):
        env_int("OTHER", 1)


def test_a_number_or_a_yes_that_is_set_to_nothing_is_not_set(monkeypatch):
    monkeypatch.setenv("ONE", "")

    assert env_int("ONE", 7) == 7
    assert env_bool("ONE", default=True) is True
    assert env_bool("ONE", default=False) is False


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("yes", True), ("TRUE", True), ("1", True), ("on", True)),
        *(("no", False), ("false", False), ("0", False), ("off", False)),
    ],
)
def test_yes_and_no_are_read_in_the_usual_words(monkeypatch, word, meant):
    monkeypatch.setenv("ONE", word)

    assert env_bool("ONE", default=not meant) is meant


def test_any_other_word_is_neither_yes_nor_no(monkeypatch):
    monkeypatch.setenv("ONE", "maybe")

    with pytest.raises(ImproperlyConfigured, match="ONE must be yes or no"):
        env_bool("ONE", default=True)


def test_a_list_has_no_empty_members(monkeypatch):
    monkeypatch.setenv("ONE", " a, ,b,")

    assert env_list("ONE", "") == ["a", "b"]
    assert env_list("NEITHER", "") == []


def test_a_key_is_drawn_once_for_all_processes_and_only_its_owner_may_read_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        drawn = set(pool.map(lambda _: drawn_once("SOME_KEY", tmp_path), range(24)))

    assert len(drawn) == 1
    assert len(drawn.pop()) >= 32
    (kept,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_that_is_set_is_taken_and_none_is_drawn(monkeypatch, tmp_path):
    monkeypatch.setenv("SOME_KEY", "set by operations")

    assert drawn_once("SOME_KEY", tmp_path) == "set by operations"
    assert not (tmp_path / "keys").exists()
