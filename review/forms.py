"""What people type on the review's pages.

Words to search for come by POST, so that no value ever stands in an address or a log.
"""

from django import forms

from review.models import SavedView


class SearchForm(forms.Form):
    """Words, and where they are looked for."""

    NAMES, VALUES = "names", "values"

    words = forms.CharField(max_length=200, required=False)
    place = forms.ChoiceField(
        choices=[(NAMES, "in tags and names"), (VALUES, "in values")], required=False
    )


class SavedViewForm(forms.ModelForm):
    """The name of a view, and whether everybody who reviews the project may use it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")
        labels = {"name": "Name", "is_shared": "Share it with everybody who reviews the project"}

    def _post_clean(self) -> None:
        """Leave the instance as it is: the action checks it whole."""
