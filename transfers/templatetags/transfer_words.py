"""Dates and numbers as a project administrator reads them."""

from datetime import date

from django import template

from intake.models import Study

register = template.Library()


@register.filter
def dicom_date(value: str) -> str:
    """Say a DICOM date (VR DA, PS3.5 6.2) such as 20260312 as 12 March 2026."""
    digits = value.replace(".", "")
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return "without a date"
    return f"{day.day} {day:%B %Y}"


@register.filter
def study_title(study: Study) -> str:
    """Name a study as people do: what it is and of which part."""
    kinds = ", ".join(study.modalities)
    said = study.study_description or "without a description"
    starts = any(said.upper().startswith(kind) for kind in study.modalities)
    return said if starts or not kinds else f"{kinds} {said}"


@register.filter
def seconds_left(value: int | None) -> str:
    """Say how long something will still take; nothing while there is no pace yet."""
    if value is None:
        return ""
    if value < 90:
        return f", about {max(value, 1)} s left"
    return f", about {round(value / 60)} min left"


@register.filter
def middle_cut(uid: str) -> str:
    """Cut a long UID in its middle."""
    return uid if len(uid) <= 28 else f"{uid[:14]}…{uid[-10:]}"
