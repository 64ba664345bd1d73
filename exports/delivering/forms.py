"""What is filled in to hand a package to somebody, and to describe a destination."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from exports.delivering.sftp import read_host_key
from exports.models import PackageDestination
from exports.models.links import LONGEST, MOST_USES
from exports.states import DestinationKind
from projects.models import Project, User
from transfers.errors import TransferError

PLAIN_TEXT = {"autocomplete": "off", "spellcheck": "false"}


class LinkForm(forms.Form):
    """Whom a link is for, for how long and how often."""

    person = forms.CharField(
        label="For whom",
        max_length=254,
        help_text="A user name, exactly as it is typed when signing in; or the e-mail address of "
        "somebody without an account, where the data office allows that.",
        widget=forms.TextInput(attrs=PLAIN_TEXT | {"list": "link-people"}),
    )
    days = forms.IntegerField(label="Days", min_value=1, max_value=LONGEST.days, initial=7)
    uses = forms.IntegerField(label="Downloads", min_value=1, max_value=MOST_USES, initial=3)

    def clean(self) -> dict[str, Any]:
        """Find the account; what looks like an address and is no account is a recipient."""
        cleaned: dict[str, Any] = super().clean() or {}
        person = (cleaned.get("person") or "").strip()
        account = User.objects.filter(username=person, is_active=True).first()
        if person and account is None and "@" not in person:
            self.add_error("person", "Nobody who can sign in has this user name.")
        return cleaned | {"account": account, "recipient": "" if account else person}

    def facts(self) -> dict[str, Any]:
        """Return what `make_link` is told."""
        cleaned = self.cleaned_data
        return {
            "account": cleaned["account"],
            "recipient": cleaned["recipient"],
            "expires_at": timezone.now() + timedelta(days=cleaned["days"]),
            "most_uses": cleaned["uses"],
        }


class DestinationForm(forms.ModelForm):
    """A destination. The secret is never shown again; left empty, it stays as it is."""

    secret = forms.CharField(
        label="Secret",
        required=False,
        strip=True,
        help_text="A password or a private key, the secret key of the bucket, or the token of the "
        "upload service. It is kept encrypted and shown on no page.",
        widget=forms.Textarea(attrs=PLAIN_TEXT | {"rows": 3}),
    )
    projects = forms.ModelMultipleChoiceField(
        queryset=Project.objects.order_by("acronym"),
        required=False,
        label="Projects that may send there",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = PackageDestination
        fields = (
            *("name", "kind", "host", "port", "is_plain", "account", "place", "region"),
            *("host_key", "reads_back", "dummy_birth_date", "is_active", "projects"),
        )
        labels = {
            "kind": "Kind",
            "account": "Account or access key",
            "place": "Folder, bucket, AE title or path",
            "host_key": "Key of the server",
        }
        help_texts = {
            "host": "A name or an address alone; operations have to allow it.",
            "place": "SFTP: a folder. S3: the bucket, then / and a prefix. DICOM node: its AE "
            "title. Upload: the path, such as files.",
            "region": "S3 only.",
        }
        widgets = {"host_key": forms.TextInput(attrs=PLAIN_TEXT)}

    def clean(self) -> dict[str, Any]:
        """Keep the secret that is there, where none is typed."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.instance.secret = cleaned.get("secret") or self.instance.secret
        key = cleaned.get("host_key", "")
        if cleaned.get("kind") == DestinationKind.SFTP and key:
            try:
                read_host_key(key)
            except TransferError as error:
                self.add_error("host_key", ValidationError(str(error)))
        return cleaned
