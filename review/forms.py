"""Searching: words come by POST, so that no value ever stands in an address or a log."""

from django import forms


class SearchForm(forms.Form):
    """Words, and where they are looked for."""

    NAMES, VALUES = "names", "values"

    words = forms.CharField(max_length=200, required=False)
    place = forms.ChoiceField(
        choices=[(NAMES, "in tags and names"), (VALUES, "in values")], required=False
    )
