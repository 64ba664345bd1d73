"""What is typed about groups of the directory. The rules are the action's."""

from django import forms

from projects.models import Project
from projects.roles import Role


class GroupForm(forms.Form):
    """A group, a project, and what everybody in the group is there."""

    dn = forms.CharField(
        label="Group",
        max_length=500,
        help_text="Its whole name, as cn=bicam,ou=groups,dc=example,dc=org. Groups that somebody "
        "here is in are offered while you type.",
        widget=forms.TextInput(
            attrs={"list": "known-groups", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    project = forms.ModelChoiceField(
        Project.objects.order_by("acronym"), to_field_name="acronym", empty_label=None
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RESEARCHER)
