"""The summary page reads sums and nothing else, however much lies below them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from review.models import Element, ElementUse, Origin, ProjectIndex

pytestmark = pytest.mark.django_db

ELEMENTS = 1000


@pytest.fixture
def large(bicam):
    """The sums of a thousand elements over a hundred thousand images."""
    elements = Element.objects.bulk_create(
        Element(
            project=bicam,
            digest=f"{number:064x}",
            path=f"(0018,{number:04X})",
            tag=f"0018,{number:04X}",
            vr="LO",
            instance_count=100_000,
            series_count=1_000,
            participant_count=200,
            value_count=number,
            participant_value_count=200 * number,
            study_count=250,
            first_seen_at=timezone.now(),
            changed_at=timezone.now(),
        )
        for number in range(ELEMENTS)
    )
    origins = Origin.objects.bulk_create(
        Origin(
            project=bicam,
            digest=f"{number:064x}",
            modality=modality,
            manufacturer="ACME",
            manufacturer_model_name="Scanner",
            device_serial_number=str(number),
            event=bicam.events.get(name="baseline"),
            series_count=100,
            instance_count=10_000,
        )
        for number, modality in enumerate(["MR", "CT"] * 5)
    )
    ElementUse.objects.bulk_create(
        ElementUse(element=element, origin=origin, vr="LO", instance_count=10_000, series_count=100)
        for element in elements
        for origin in origins
    )
    ProjectIndex.objects.create(
        project=bicam,
        study_count=250,
        series_count=1_000,
        instance_count=100_000,
        participant_count=200,
    )
    return bicam


def test_no_page_of_the_inventory_reads_below_the_sums(client, owner, large):
    client.force_login(owner)
    address = reverse("review", args=["BICAM"])

    for query in ("", "?kind=text&modality=MR&sort=-instances&page=3", "?across=same_set"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address + query)
        asked = " ".join(query["sql"] for query in queries)
        assert response.status_code == 200
        assert "review_element" in asked
        assert "review_series" not in asked
        assert "review_participant" not in asked
        assert "review_elementvalue" not in asked
        assert len(queries) < 21


def test_the_inventory_comes_in_pages(client, owner, large):
    client.force_login(owner)

    page = client.get(reverse("review", args=["BICAM"]) + "?page=10").context["page"]

    assert (page.start_index(), page.end_index(), page.paginator.count) == (541, 600, 1000)
    assert page[0].across == "same_set"
