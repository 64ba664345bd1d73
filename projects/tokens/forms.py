"""What people type about tokens and service accounts. The rules are the actions'."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone

from projects.forms import DATE
from projects.models import Project, User
from projects.models.tokens import LONGEST, USUAL
from projects.tokens.making import SERVICE_ROLES
from projects.tokens.scopes import Scope


class TokenForm(forms.Form):
    """A new token: for what, and for how long."""

    name = forms.CharField(
        max_length=60,
        label="Name",
        help_text="What it is for and where it is kept, such as “nightly upload, server 3”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        label="What it may be used for",
        error_messages={"required": "Choose at least one."},
    )
    last_day = forms.DateField(
        widget=DATE, label="Works until", help_text="A year from today at most."
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        today = timezone.localdate()
        field = self.fields["last_day"]
        field.initial = today + USUAL
        field.widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST - timedelta(days=1)).isoformat(),
        }

    def clean_scopes(self) -> frozenset[Scope]:
        """Return them as what they are."""
        return frozenset(Scope(word) for word in self.cleaned_data["scopes"])

    def clean_last_day(self) -> date:
        """Refuse a day beyond a year here too, so that the words stand beside the field."""
        day: date = self.cleaned_data["last_day"]
        if day >= timezone.localdate() + LONGEST:
            raise forms.ValidationError("A token lasts a year at most.")
        return day

    @property
    def choices(self) -> list[tuple[Scope, str, str, bool]]:
        """The scopes with a title, a sentence and whether each is ticked."""
        ticked = set(self["scopes"].value() or [])
        return [(scope, *_parted(scope.label), scope.value in ticked) for scope in Scope]


class OwnTokenForm(TokenForm):
    """A token for oneself, for one project or all of one's own."""

    project = forms.ModelChoiceField(
        Project.objects.none(),
        required=False,
        to_field_name="acronym",
        label="Project",
        empty_label="All projects that I am in",
        help_text="A script that serves one project should reach that one alone.",
    )
    field_order = ("name", "scopes", "project", "last_day")

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        field.queryset = Project.objects.visible_to(user)  # type: ignore[attr-defined]
        field.label_from_instance = lambda project: project.acronym  # type: ignore[attr-defined]


class ServiceForm(forms.Form):
    """A new service account."""

    name = forms.CharField(
        max_length=40,
        label="Name",
        help_text="The program that it stands for, such as “REDCap” or “TSD upload”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        choices=[(role.value, role.label) for role in SERVICE_ROLES],
        label="Role",
        help_text="A data manager brings studies in; a researcher builds and downloads packages.",
    )


def _parted(label: str) -> tuple[str, str]:
    title, _, sentence = label.partition(": ")
    return title, f"{sentence[:1].upper()}{sentence[1:]}."
