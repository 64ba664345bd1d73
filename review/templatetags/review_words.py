"""Paths, names and numbers as the pages of the review say them."""

from django import template

from review.lists import scanner_label
from review.models import Across, Origin, Within
from review.names import Step, steps

register = template.Library()


@register.filter
def path_steps(path: str) -> list[Step]:
    """Take an element path apart: sequences on the way, then the element."""
    return steps(path)


@register.filter
def grouped(number: int) -> str:
    """Write a number with its thousands apart: 48,102."""
    return f"{number:,}"


@register.filter
def across_words(across: str) -> str:
    """Say how values compare across participants."""
    return Across(across).label


@register.filter
def within_words(within: str) -> str:
    """Say how values compare within a participant."""
    return Within(within).label


@register.filter
def scanner_words(origin: Origin) -> str:
    """Say which scanner an origin names."""
    return scanner_label(
        origin.manufacturer, origin.manufacturer_model_name, origin.device_serial_number
    )
