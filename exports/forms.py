"""Which participants, in which format."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from exports.selection import Choice
from exports.states import Format
from projects.models import Participant

FORMATS = (
    (Format.DICOM, "DICOM, the files as they were delivered"),
    (Format.NIFTI, "NIfTI with JSON, by dcm2niix"),
)


class PackageForm(forms.Form):
    """What a package is asked for with."""

    format = forms.ChoiceField(
        choices=FORMATS, initial=Format.DICOM, widget=forms.RadioSelect, label="Format"
    )
    everyone = forms.BooleanField(required=False)
    participants = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.possible = {choice.participant.pk: choice.participant for choice in choices}
        participants = self.fields["participants"]
        assert isinstance(participants, forms.TypedMultipleChoiceField)  # noqa: S101 - for mypy
        participants.choices = [(pk, str(one)) for pk, one in self.possible.items()]

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
    def ticked(self) -> set[int]:
        """Who was ticked before the page was shown again; what was typed is never lost."""
        if not self.is_bound:
            return set()
        sent = self["participants"].value() or []
        return {int(pk) for pk in sent if str(pk).isdecimal()}
