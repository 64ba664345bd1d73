"""A year of study dates: how many studies of the research copy fall on each day.

The dates are those of the research copy, moved for each participant; nothing here says when a
patient was at the hospital.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from review.models import ResearchStudy


@dataclass(frozen=True)
class Day:
    """One square: its class says how many, in four steps."""

    day: date
    count: int
    step: str  # "" none, a few, b more, c most, out for a day of another year


@dataclass(frozen=True)
class Year:
    """A year of days in weeks, Monday first."""

    number: int
    years: list[int]
    days: list[Day]
    total: int
    busiest: Day | None
    months: list[tuple[str, int]]


def year_of(studies: QuerySet[ResearchStudy], asked: int | None) -> Year | None:
    """Count a year of the given studies; the latest year that has any if none is asked.

    Returns None when there is no dated study at all.
    """
    studies = studies.filter(study_date__isnull=False)
    years = sorted(found.year for found in studies.dates("study_date", "year"))
    if not years:
        return None
    number = asked if asked in years else years[-1]
    counted = (
        studies.filter(study_date__year=number)
        .order_by()
        .values_list("study_date")
        .annotate(n=Count("pk"))
    )
    counts: dict[date, int] = dict(counted)
    most = max(counts.values())
    days = [
        Day(day, counts.get(day, 0), _step(day, number, counts.get(day, 0), most))
        for day in _whole_weeks(number)
    ]
    return Year(
        number=number,
        years=years,
        days=days,
        total=sum(counts.values()),
        busiest=max(days, key=lambda day: day.count),
        months=_months(counts),
    )


def _whole_weeks(year: int) -> Iterator[date]:
    """Yield the days from the Monday before the year to the Sunday after it."""
    day = date(year, 1, 1) - timedelta(days=date(year, 1, 1).weekday())
    while day.year <= year or day.weekday() != 0:
        yield day
        day += timedelta(days=1)


def _step(day: date, year: int, count: int, most: int) -> str:
    if day.year != year:
        return "out"
    if not count:
        return ""
    return "abc"[min(2, 3 * (count - 1) // max(most, 3))]


def _months(counts: dict[date, int]) -> list[tuple[str, int]]:
    """Sum by month, for those who cannot see the squares."""
    sums: dict[str, int] = {}
    for day in sorted(counts):
        name = f"{day:%B}"
        sums[name] = sums.get(name, 0) + counts[day]
    return list(sums.items())
