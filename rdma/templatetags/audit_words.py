"""The audit's closed words as people read them."""

from django import template
from django.apps import apps

register = template.Library()


@register.filter
def words(verb: str) -> str:
    """Write a closed word such as `asked_again` as words."""
    return verb.replace("_", " ")


@register.filter
def thing(object_type: str) -> str:
    """Name what an event is about, as the models name themselves; old names stay as they are."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type
