"""How many participants are alone with what goes out about them."""

import pytest

from exports import reidentification
from exports.actions.tables import bring_table
from exports.reidentification import Row, table
from exports.specification import Attachment, Specification, Transformation, read_specification
from exports.states import Format
from tests.datasets import make_mr_series
from tests.exports.research_copies import add_study, dicom_files

PEOPLE = (
    # sex, age, scanner
    ("F", "071Y", "Prisma"),
    ("F", "071Y", "Prisma"),
    ("F", "071Y", "Skyra"),
    ("M", "044Y", "Skyra"),
)


@pytest.fixture
def four_people(project, tmp_path):
    for number, (sex, age, scanner) in enumerate(PEOPLE, start=1):
        make_mr_series(
            tmp_path / str(number),
            n=1,
            PatientSex=sex,
            PatientAge=age,
            PatientBirthDate="",
            ManufacturerModelName=scanner,
            MagneticFieldStrength=3.0,
        )
        add_study(project, dicom_files(tmp_path / str(number)), number=number)
    return project


def row_of(found, *columns: str) -> Row:
    return next(row for row in found.rows if row.columns == columns)


def test_each_column_is_counted_alone_and_all_of_them_together(four_people):
    found = table(four_people, Specification())

    assert found.participants == 4
    assert row_of(found, "sex") == Row(("sex",), 1, 0, 3, 0, 1)
    assert row_of(found, "scanner") == Row(("scanner",), 0, 4, 0, 0, 2)
    assert found.together == Row(("sex", "age", "scanner"), 2, 2, 0, 0, 1)
    assert found.sentences[0] == ("2 of 4 participants are alone with their sex, age and scanner.")


def test_no_value_stands_in_the_sentences(four_people):
    said = " ".join(table(four_people, Specification()).sentences)

    assert not any(value in said for person in PEOPLE for value in person if len(value) > 1)


def test_what_a_transformation_takes_away_is_not_counted(four_people):
    deeds = tuple(
        Transformation(do="empty", element=keyword)
        for keyword in ("PatientSex", "PatientAge", "ManufacturerModelName")
    )

    found = table(four_people, Specification(transformations=deeds))

    assert all(row.alone == 0 for row in found.rows)
    assert found.together is not None
    assert found.together.smallest == 4


def test_only_the_chosen_participants_are_counted(four_people):
    chosen = list(four_people.participants.all()[:2])

    found = table(four_people, Specification(), chosen)

    assert found.participants == 2
    assert found.together == Row(("sex", "age", "scanner"), 0, 2, 0, 0, 2)
    assert "Nobody of 2 participants is alone" in found.sentences[0]


def test_days_between_examinations_tell_a_participant_apart(project, tmp_path):
    for number, second in ((1, "20250110"), (2, "20250111")):
        for event, day in (("baseline", "20250103"), ("6month", second)):
            folder = tmp_path / f"{number}{event}"
            make_mr_series(folder, n=1, StudyDate=day)
            add_study(project, dicom_files(folder), number=number, event=event)

    kept = table(project, Specification())
    cut = table(project, Specification(ties="cut"))

    assert row_of(kept, reidentification.DAYS) == Row((reidentification.DAYS,), 2, 0, 0, 0, 1)
    assert all(reidentification.DAYS not in row.columns for row in cut.rows)


@pytest.mark.parametrize(
    ("parts", "tells"),
    [
        ({"format": "pictures"}, False),
        ({"format": "nifti", "folders": "{participant}/{study_date}"}, True),
        ({"format": "pictures", "folders": "{participant}", "file": "{series_date}"}, True),
        ({"format": "nifti", "options": {"times": True}}, True),
        ({"format": "nifti", "options": {"times": False}}, False),
        ({"format": "bids", "options": {"times": True}}, True),
        ({"format": "bids", "folders": "{participant}/{study_date}"}, False),
        (
            {"format": "pictures", "attachments": [{"kind": "series", "columns": ["StudyDate"]}]},
            True,
        ),
    ],
)
def test_days_are_counted_wherever_dates_go_out(project, tmp_path, parts, tells):
    for event, day in (("baseline", "20250103"), ("6month", "20250110")):
        make_mr_series(tmp_path / event, n=1, StudyDate=day)
        add_study(project, dicom_files(tmp_path / event), event=event)

    found = table(project, read_specification(parts))

    assert any(reidentification.DAYS in row.columns for row in found.rows) == tells


def test_a_format_without_headers_tells_only_what_is_attached(four_people, owner):
    rows = b"".join(b"BICAM_%04d,%d\n" % (number, number) for number in range(1, 5))
    bring_table(by=owner, project=four_people, name="t", file=b"participant,score\n" + rows)
    attached = Attachment(kind="demographics", columns=("score", "PatientSex"), table="t")

    bare = table(four_people, Specification(format=Format.PICTURES))
    with_table = table(four_people, Specification(format=Format.PICTURES, attachments=(attached,)))

    assert bare.rows == ()
    assert bare.sentences == ["Nothing goes out that would tell one participant from another."]
    assert with_table.together is not None
    assert (set(with_table.together.columns), with_table.together.alone) == (
        {"“score”", "sex"},
        4,
    )


def test_what_cannot_be_transformed_is_said(four_people):
    deed = Transformation(do="sex", table="missing", column="sex")

    found = table(four_people, Specification(transformations=(deed,)))

    assert "no participant table" in found.sentences[0]


def test_no_more_examinations_are_read_than_the_bound(four_people, monkeypatch):
    monkeypatch.setattr(reidentification, "MOST_STUDIES", 2)

    found = table(four_people, Specification())

    assert found.is_cut
    assert found.participants == 2
