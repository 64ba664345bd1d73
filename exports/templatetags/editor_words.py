"""Fields of the editor and the sentences about them, under names that pages can use."""

import re
from collections.abc import Mapping

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

NOT_FOR_IDS = re.compile(r"[^A-Za-z0-9]+")


@register.filter
def as_id(name: str) -> str:
    """Return a field's name as an id: `transformations[2].value` is `transformations-2-value`."""
    return NOT_FOR_IDS.sub("-", name).strip("-")


@register.filter
def at(texts: Mapping[str, str], name: str) -> str:
    """Return what stands in the field of a name that has dots in it."""
    return texts.get(name, "")


@register.filter
def coded(sentence: str) -> SafeString:
    """Show what stands between backticks as code."""
    parts = (
        format_html("<code>{}</code>", part) if place % 2 else format_html("{}", part)
        for place, part in enumerate(sentence.split("`"))
    )
    return format_html_join("", "{}", ((part,) for part in parts))


@register.simple_tag(takes_context=True)
def problem(context: Context, *name: object) -> SafeString:
    """Show what is wrong with a field beside it; an empty line waits for what comes up later."""
    field = "".join(str(part) for part in name)
    sentence = (context.get("problems") or {}).get(field, "")
    return format_html(
        '<p class="help bad" id="problem-{}"{}>{}</p>',
        as_id(field),
        SafeString(' role="alert"') if sentence else "",
        sentence,
    )
