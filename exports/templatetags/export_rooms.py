"""Which of the pages of the exports somebody may open."""

from django import template

from projects.models import Project, User
from projects.roles import Permission

register = template.Library()


@register.filter
def may_review(user: User, project: Project) -> bool:
    """Tell whether somebody may read descriptions of series, as the page of BIDS names lists them.

    {% if request.user|may_review:project %}
    """
    return user.may(Permission.REVIEW, project)
