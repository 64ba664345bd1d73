"""Every column of the database has a kind, and what is identified is encrypted."""

from django.core.checks import run_checks
from django.db import models

from intake.models import Study
from rdma import at_rest
from rdma.at_rest import Kind, kinds, problems


def test_every_column_has_its_place_and_identified_ones_are_encrypted():
    assert problems() == []
    assert sum(kind == Kind.IDENTIFIED for kind in kinds().values()) > 30


def test_a_column_that_nobody_placed_is_named(monkeypatch):
    without = dict(at_rest.COLUMNS[Kind.TECHNICAL])
    del without["projects.site"]
    monkeypatch.setitem(at_rest.COLUMNS, Kind.TECHNICAL, without)

    assert problems() == [
        "projects.site.name has no line in rdma/at_rest.py: say what the column holds."
    ]


def test_an_identified_column_in_clear_stops_every_command(monkeypatch):
    clear = models.CharField(name="patient_name")
    found = [(name, field) for name, field in at_rest.columns() if "study.patient_name" not in name]
    monkeypatch.setattr(at_rest, "columns", lambda: [*found, ("intake.study.patient_name", clear)])

    errors = [error for error in run_checks() if error.id == "rdma.E005"]

    assert [error.msg for error in errors] == [
        "intake.study.patient_name is identified and lies in clear: make it an EncryptedTextField."
    ]
    assert Study._meta.get_field("patient_name") is not clear


def test_a_line_for_a_column_that_is_gone_is_named(monkeypatch):
    lines = at_rest.COLUMNS[Kind.TYPED] | {"projects.gone": "text"}
    monkeypatch.setitem(at_rest.COLUMNS, Kind.TYPED, lines)

    assert problems() == ["rdma/at_rest.py names projects.gone.text, which no model has."]
