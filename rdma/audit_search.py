"""The form over the audit, read from the address: numbers and closed words only."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from projects.auditing.search import Asked
from projects.auditing.sentences import DOORS, kind_name
from projects.auditing.verbs import KINDS, VERBS, Kind
from projects.models import AuditEvent, Project, User
from projects.roles import Permission

THINGS = (
    *("projects.project", "projects.user", "projects.membership", "projects.participant"),
    *("projects.token", "projects.site", "projects.accessreview", "projects.grouprole"),
    *("intake.study", "intake.arrival", "transfers.transferrequest", "transfers.run"),
    *("transfers.projectrule", "transfers.planversion", "transfers.destination"),
    *("review.element", "review.verdict", "review.signoff", "review.check"),
    *("exports.package", "exports.specificationsheet", "exports.participanttable"),
    *("exports.mapping", "exports.packagedestination"),
)
DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
# midnight here must be a moment elsewhere, too, and there must be a day after the last
DAYS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


def _verbs() -> list[tuple[str, Any]]:
    """Every verb, in groups, without the holes of its sentence."""
    groups: list[tuple[str, Any]] = [("", "Anything")]
    for kind, name in KINDS.items():
        words = [word for word, said in VERBS.items() if said.kind == kind]
        groups.append((name, [(word, word.replace("_", " ")) for word in sorted(words)]))
    return groups


class SearchForm(forms.Form):
    """What to look for; everything may be left empty."""

    kind = forms.ChoiceField(
        choices=[("", ""), *KINDS.items()], required=False, widget=forms.HiddenInput
    )
    project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="acronym", required=False, empty_label="All"
    )
    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Everybody")
    since = forms.DateField(required=False, label="From", widget=DATE, validators=DAYS)
    until = forms.DateField(required=False, label="To", widget=DATE, validators=DAYS)
    verb = forms.ChoiceField(choices=_verbs, required=False, label="What exactly")
    thing = forms.ChoiceField(required=False, label="About")
    number = forms.IntegerField(
        required=False,
        label="Number",
        min_value=1,
        max_value=2**62,
        help_text="As it stands in the list, such as 12 for transfer 12.",
    )
    door = forms.ChoiceField(
        choices=[("", "Any way"), *DOORS.items()], required=False, label="Through"
    )
    token = forms.IntegerField(required=False, label="Token", min_value=1, max_value=2**62)
    address = forms.RegexField(r"[0-9a-f]{32}", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer what `user` may read of."""
        super().__init__(*args, **kwargs)
        projects = Project.objects.permitting(user, Permission.VIEW_AUDIT)
        if user.may(Permission.VIEW_AUDIT):
            projects = Project.objects.all()
        people = _people(user, projects)
        self.fields["project"].queryset = projects.order_by("acronym")  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = _named  # type: ignore[attr-defined]
        # An event's page leads to all that happened to its thing, of whatever kind that is.
        asked = str(self.data.get("thing", ""))
        things = {*THINGS, asked} if _is_kind(asked) else THINGS
        choices = sorted((kind_name(thing), thing) for thing in things)
        self.fields["thing"].choices = [  # type: ignore[attr-defined]
            ("", "Anything"),
            *((thing, name) for name, thing in choices),
        ]

    def asked(self) -> Asked:
        """Return what was asked for; the form must be valid."""
        found = self.cleaned_data
        project, person = found["project"], found["person"]
        return Asked(
            project=project.pk if project else None,
            person=person.pk if person else None,
            kind=Kind(found["kind"]) if found["kind"] else None,
            verb=found["verb"] or None,
            thing=found["thing"] or None,
            number=found["number"],
            since=found["since"],
            until=found["until"],
            address=found["address"] or None,
            door=found["door"] or None,
            token=found["token"],
        )

    def query(self, **changes: Any) -> str:
        """Return the search as the part of an address behind the question mark."""
        said = {name: self.data.get(name, "") for name in self.fields} | changes
        return urlencode({name: value for name, value in said.items() if value not in {"", None}})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for at all."""
        return any(self.data.get(name) for name in self.fields)


def _is_kind(word: str) -> bool:
    """Tell whether a word names a table, as events name what they are about."""
    try:
        return apps.get_model(word)._meta.label_lower == word
    except (LookupError, ValueError):
        return False


def _people(user: User, projects: QuerySet[Project]) -> QuerySet[User]:
    """Return everybody, or whoever did something in the projects that one may read the audit of."""
    people = User.objects.order_by("last_name", "first_name", "username")
    if user.may(Permission.VIEW_AUDIT):
        return people
    did = AuditEvent.objects.filter(project__in=projects).order_by().values("actor").distinct()
    return people.filter(pk__in=did)


def _named(person: Any) -> str:
    return f"{person.display_name} ({person.username})"
