"""What the review gives out: the inventory, the values and the verdicts, in three forms."""

import csv
import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from projects.models import AuditEvent
from review.actions.verdicts import judge
from review.models import ElementValue

pytestmark = pytest.mark.django_db


def address(what, form, query=""):
    return reverse("review-download", args=["BICAM", what, form]) + query


def taken(response):
    assert response.status_code == 200
    return b"".join(response)


def from_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def from_xlsx(data):
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    columns, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


READ = {"csv": from_csv, "xlsx": from_xlsx, "json": lambda data: json.loads(data)["rows"]}


@pytest.mark.parametrize("what", ["inventory", "values", "verdicts"])
@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("auditor", 403)])
def test_who_may_not_review_takes_nothing(client, request, reviewed, what, who, status):
    client.force_login(request.getfixturevalue(who))

    assert client.get(address(what, "csv")).status_code == status
    assert not AuditEvent.objects.filter(verb__startswith="downloaded").exists()


@pytest.mark.parametrize("name", ["people.csv", "inventory.exe"])
def test_nothing_else_is_given_out(client, owner, reviewed, name):
    client.force_login(owner)

    assert client.get(f"/review/BICAM/{name}").status_code == 404


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_every_form_says_the_same_of_an_element(client, owner, reviewed, form):
    client.force_login(owner)

    rows = READ[form](taken(client.get(address("inventory", form))))

    assert len(rows) == reviewed.elements.count()
    row = next(row for row in rows if row["path"] == "(0020,4000)")
    assert (str(row["instances"]), str(row["studies"]), row["across_participants"]) == (
        *("5", "2", "differ"),
    )
    assert row["standing"] == "To judge"
    assert row["plan_did"].startswith("Plan 1: ")
    event = AuditEvent.objects.get(verb="downloaded_inventory")
    assert (event.actor, event.facts["form"]) == (owner, form)


def test_a_file_holds_what_the_filters_leave(client, owner, reviewed):
    client.force_login(owner)

    rows = from_csv(taken(client.get(address("inventory", "csv", "?vr=LT"))))

    assert [row["path"] for row in rows] == ["(0020,4000)"]


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_hidden_values_stay_out_until_they_are_asked_for(client, owner, reviewed, form):
    client.force_login(owner)

    without = READ[form](taken(client.get(address("values", form, "?with_hidden=yes"))))
    with_them = READ[form](taken(client.post(address("values", form), {"with_hidden": "yes"})))

    hidden = [row for row in without if row["path"] == "(0020,4000)"]
    assert [(row["value"] or None, row["value_is"]) for row in hidden] == [(None, "hidden")]
    shown = [row for row in with_them if row["path"] == "(0020,4000)"]
    assert [(row["value"], str(row["instances"])) for row in shown] == [
        ("patient moved", "3"),
        ("repeat", "2"),
    ]
    assert len(with_them) == ElementValue.objects.filter(element__project=reviewed).count()
    events = AuditEvent.objects.filter(verb="downloaded_values").order_by("pk")
    assert [event.facts["with_hidden"] for event in events] == [False, True]


def test_no_cell_of_a_value_is_a_formula(client, owner, reviewed):
    client.force_login(owner)
    asked = {"with_hidden": "yes"}

    in_csv = from_csv(taken(client.post(address("values", "csv"), asked)))
    workbook = openpyxl.load_workbook(
        io.BytesIO(taken(client.post(address("values", "xlsx"), asked)))
    )

    assert "'=1+1" in {row["value"] for row in in_csv}
    cells = [cell for row in workbook.active for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_verdicts_are_given_out_with_who_and_why(client, owner, reviewed):
    element = reviewed.elements.get(path="(0020,4000)")
    judge(by=owner, project=reviewed, element=element, judged="unsafe", reason="free text")
    client.force_login(owner)

    (row,) = from_csv(taken(client.get(address("verdicts", "csv"))))

    assert (row["by"], row["path"], row["verdict"]) == ("owner", "(0020,4000)", "Not safe")
    assert row["reason"] == "free text"


def test_the_command_writes_each_table_in_each_form(reviewed, capsys, tmp_path):
    call_command("review", "BICAM", "--json", "--values", "--with-hidden")
    values = json.loads(capsys.readouterr().out)
    call_command("review", "BICAM", "--csv", "--verdicts")
    verdicts = capsys.readouterr().out
    call_command("review", "BICAM", "--xlsx", str(tmp_path / "inventory.xlsx"))

    assert "patient moved" in {row["value"] for row in values["rows"]}
    assert verdicts.startswith("at,by,")
    rows = from_xlsx((tmp_path / "inventory.xlsx").read_bytes())
    assert len(rows) == reviewed.elements.count()
    events = AuditEvent.objects.filter(verb__startswith="downloaded").order_by("pk")
    assert [(event.actor, event.verb) for event in events] == [
        (None, "downloaded_values"),
        (None, "downloaded_verdicts"),
        (None, "downloaded_inventory"),
    ]


def test_the_command_leaves_hidden_values_out(reviewed, capsys):
    call_command("review", "BICAM", "--csv", "--values")

    assert "patient moved" not in capsys.readouterr().out


def test_the_command_refuses_hidden_values_of_a_table_without_values(reviewed):
    with pytest.raises(CommandError, match="goes with --values"):
        call_command("review", "BICAM", "--csv", "--with-hidden")
