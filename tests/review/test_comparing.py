"""Same, same set or differ: across participants, and within one."""

import pytest

from tests.datasets import make_mr_series
from tests.review.copies import index, new_run, new_transfer, participant_of

pytestmark = pytest.mark.django_db

COMMENTS = "(0020,4000)"


def compared(project, path=COMMENTS):
    element = project.elements.compared().get(path=path)
    return element.across, element.within


def comment(project, folder, *comments_by_participant):
    """Give each participant one series for each of their comments."""
    for number, comments in enumerate(comments_by_participant, start=1):
        files = []
        for place, text in enumerate(comments):
            target = folder / f"{number}-{place}"
            files += make_mr_series(target, n=2, ImageComments=text)
        new_run(new_transfer(participant_of(project, number)), files)
    index()


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ([["a"]], ("one", "same")),
        ([["a", "b"]], ("one", "differ")),
        ([["a"], ["a"]], ("same", "same")),
        ([["a"], ["b"]], ("differ", "same")),
        ([["a", "b"], ["b", "a"]], ("same_set", "differ")),
        ([["a", "b"], ["a"]], ("differ", "differ")),
        ([["a", "b"], ["c", "d"]], ("differ", "differ")),
        ([["a"], ["a"], ["a", "b"]], ("differ", "differ")),
    ],
)
def test_values_are_compared_across_and_within_participants(bicam, tmp_path, comments, expected):
    comment(bicam, tmp_path, *comments)

    assert compared(bicam) == expected


def test_participants_without_the_element_are_not_compared(bicam, tmp_path):
    comment(bicam, tmp_path, ["a"], ["a"])
    files = make_mr_series(tmp_path / "without", n=1)
    new_run(new_transfer(participant_of(bicam, 3)), files)
    index()

    assert compared(bicam) == ("same", "same")


def test_what_differs_from_image_to_image_by_nature_is_counted_not_listed(bicam, tmp_path):
    files = make_mr_series(tmp_path, n=60)
    new_run(new_transfer(participant_of(bicam, 1)), files)
    index()

    uids = bicam.elements.compared().get(path="(0008,0018)")

    assert (uids.distinct_count, uids.unlisted_count) == (60, 57)
    assert uids.element_values.count() == 3
    assert (uids.across, uids.within) == ("one", "differ")


def test_what_people_wrote_is_listed_whatever_its_number(bicam, tmp_path):
    files = []
    for number in range(60):
        files += make_mr_series(
            tmp_path / str(number),
            n=1,
            series_instance_uid="2.25.4711",
            study_instance_uid="2.25.4712",
            ImageComments=f"comment {number}",
        )
    new_run(new_transfer(participant_of(bicam, 1)), files)
    index()

    comments = bicam.elements.compared().get(path=COMMENTS)

    assert (comments.distinct_count, comments.unlisted_count) == (60, 0)
