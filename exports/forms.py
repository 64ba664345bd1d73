"""Which specification, which participants; and the name of a new specification or table."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from exports.choosing import Choice
from exports.starts import Start
from projects.models import Participant


class PackageForm(forms.Form):
    """What a package is asked for with."""

    specification = forms.ChoiceField(widget=forms.RadioSelect)
    everyone = forms.BooleanField(required=False)
    participants = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(
        self, *args: Any, choices: list[Choice], starts: list[Start], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.possible = {choice.participant.pk: choice.participant for choice in choices}
        self.starts = starts
        participants, specification = self.fields["participants"], self.fields["specification"]
        assert isinstance(participants, forms.TypedMultipleChoiceField)  # noqa: S101 - for mypy
        assert isinstance(specification, forms.ChoiceField)  # noqa: S101 - for mypy
        participants.choices = [(pk, str(one)) for pk, one in self.possible.items()]
        specification.choices = [(one.value, one.title) for one in starts]
        specification.error_messages["required"] = "Choose a specification."

    def clean(self) -> dict[str, Any]:
        """Refuse an empty choice."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("everyone") and not cleaned.get("participants"):
            raise ValidationError("Choose at least one participant.")
        return cleaned

    def chosen(self) -> list[Participant] | None:
        """Return who was chosen; None for everyone."""
        if self.cleaned_data["everyone"]:
            return None
        return [self.possible[pk] for pk in self.cleaned_data["participants"]]

    @property
    def start(self) -> str:
        """Which specification is chosen on the page, or was before it was shown again."""
        value = self["specification"].value()
        known = [one.value for one in self.starts]
        return value if value in known else next(iter(known), "")

    @property
    def ticked(self) -> set[int]:
        """Who was ticked before the page was shown again; what was typed is never lost."""
        if not self.is_bound:
            return set()
        sent = self["participants"].value() or []
        return {int(pk) for pk in sent if str(pk).isdecimal()}


class NewSpecificationForm(forms.Form):
    """What a new specification is called and begins with."""

    name = forms.CharField(
        max_length=80, help_text="Such as the partner it is for. Colleagues find it by this name."
    )
    start = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, starts: list[Start], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts = starts
        start = self.fields["start"]
        assert isinstance(start, forms.ChoiceField)  # noqa: S101 - for mypy
        start.choices = [(one.value, one.title) for one in starts]
        start.error_messages["required"] = "Choose what it begins with."


class UploadForm(forms.Form):
    """A specification as a file."""

    file = forms.FileField()
    name = forms.CharField(max_length=80)


class TableForm(forms.Form):
    """A participant table as a file."""

    name = forms.CharField(
        max_length=64, help_text="Transformations name the table by it: letters and digits."
    )
    file = forms.FileField(
        label="CSV file",
        help_text="The first column is the participant's pseudonym, the first row names columns.",
    )
