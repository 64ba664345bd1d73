"""What people type about projects. The rules are the models'; forms show them."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from projects.models import Event, Project, Site, User
from projects.roles import Role

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
CHANGEABLE: tuple[str, ...] = (
    "title",
    "approval_number",
    "approval_start",
    "approval_end",
    "participant_pattern",
    "ae_title",
    "end_action",
    "hold_policy",
    "two_person_release",
    "two_person_review",
    "sign_off_for_exports",
)


def show_problems(form: forms.Form | forms.ModelForm, error: ValidationError) -> None:
    """Put what an action refused beside the fields concerned, the rest above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, problems)


class _CheckedByAction(forms.ModelForm):
    """A form that only reads what was typed: the action checks it whole, against every rule."""

    def _post_clean(self) -> None:
        """Leave the instance as it is."""


class _ProjectFields(_CheckedByAction):
    """What a project says of itself, in the words of the pages."""

    class Meta:
        model = Project
        fields: tuple[str, ...] = CHANGEABLE
        labels = {
            "approval_number": "Approval number",
            "approval_start": "Approved from",
            "approval_end": "Approved until",
            "participant_pattern": "Pattern of participant identifiers",
            "ae_title": "AE title",
            "end_action": "When the project ends",
            "hold_policy": "When some images of a study are held",
            "two_person_release": "Two people release together",
            "two_person_review": "Two people review together",
            "sign_off_for_exports": "Exports need a current sign-off",
        }
        help_texts = {
            "participant_pattern": "A template such as BICAM_{n:04} or BICAM_{site:02}_{n:04}, "
            "with leading zeros, or a regular expression.",
            "ae_title": "The name under which scanners and the clinical PACS send to this project. "
            "What they send to it is offered here.",
        }
        widgets = {"approval_start": DATE, "approval_end": DATE}


class NewProjectForm(_ProjectFields):
    """Everything that a project starts with."""

    events = forms.CharField(
        initial="baseline",
        help_text="Time points in their order, separated by commas: baseline, 6month, 12month.",
    )
    owner = forms.CharField(
        help_text="User name of the principal investigator, who then names the others."
    )

    class Meta(_ProjectFields.Meta):
        fields = ("acronym", *CHANGEABLE)

    def clean_acronym(self) -> str:
        """Refuse one that is taken; its form is the model's to check."""
        acronym: str = self.cleaned_data["acronym"].strip()
        if Project.objects.filter(acronym=acronym).exists():
            raise ValidationError("Another project has this acronym.")
        return acronym

    def clean_events(self) -> list[str]:
        """Split at commas; each event once."""
        names = [name.strip() for name in self.cleaned_data["events"].split(",") if name.strip()]
        if len(set(names)) < len(names):
            raise ValidationError("An event stands there twice.")
        if not names:
            raise ValidationError("Name at least one event, such as baseline.")
        return names

    def clean_owner(self) -> User:
        """Find the person."""
        return _person(self.cleaned_data["owner"])


class SettingsForm(_ProjectFields):
    """What can be changed later."""

    def changes(self) -> dict[str, Any]:
        """Return the columns that were changed, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class SiteForm(_CheckedByAction):
    """A place where participants are included."""

    class Meta:
        model = Site
        fields = ("code", "name")
        labels = {"code": "Number"}


class EventForm(_CheckedByAction):
    """A time point."""

    class Meta:
        model = Event
        fields = ("name",)


class RoleForm(forms.Form):
    """Another role for somebody who is in the project, or other limits of the one they have.

    A page that shows the limits sends `limited` with them; without it they stay as they are.
    """

    role = forms.ChoiceField(choices=Role.choices)
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        required=False,
        label="Only for the sites",
        widget=forms.CheckboxSelectMultiple,
        help_text="None: for the whole project. An owner answers for the whole project.",
    )
    has_identified = forms.BooleanField(
        required=False,
        initial=True,
        label="May see identified data, if the role can",
        help_text="Administrators and data managers can have this right.",
    )
    until = forms.DateField(
        required=False, label="Until", help_text="The last day; empty for no end.", widget=DATE
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = project.sites.all()  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """Return what was given as `actions.set_member` takes it."""
        chosen = self.cleaned_data
        given: dict[str, Any] = {"role": Role(chosen["role"])}
        if "limited" in self.data:
            given |= {name: chosen[name] for name in ("sites", "has_identified", "until")}
        return given


class MemberForm(RoleForm):
    """Somebody new in the project."""

    user = forms.CharField(
        label="User name",
        help_text="Exactly as it is typed when signing in.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RESEARCHER)

    def clean_user(self) -> User:
        """Find the person."""
        return _person(self.cleaned_data["user"])


def _person(user_name: str) -> User:
    person = User.objects.filter(username=user_name.strip(), is_active=True).first()
    if person is None:
        raise ValidationError("Nobody who can sign in has this user name.")
    return person
