"""What is indexed anew is as old as it was, and what a later run brought is new."""

import pytest

from review.merging import forget
from review.models import ElementValue, ResearchStudy
from tests.datasets import make_ct_series
from tests.review.copies import index, new_run, new_transfer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("has_a_later_run", [False, True])
def test_only_what_a_study_had_before_keeps_its_age(first, tmp_path, has_a_later_run):
    files = make_ct_series(tmp_path, n=2)
    transfer = new_transfer(first)
    new_run(transfer, files)
    index()
    before = ResearchStudy.objects.get().indexed_at

    if has_a_later_run:
        new_run(transfer, files)
    forget(first.project)
    index()

    oldest = ElementValue.objects.earliest("first_seen_at").first_seen_at
    assert (oldest > before) is has_a_later_run
    assert ElementValue.objects.exists()
