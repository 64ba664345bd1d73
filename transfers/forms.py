"""What people type about transfers and plans, checked before anything is done."""

from collections.abc import Iterable
from typing import Any

from django import forms

from deidentify.profiles import ERAS
from intake.models import Series, Study
from projects.actions import next_pseudonym, only_site
from projects.models import Event, Participant, Project, User
from projects.roles import Permission
from transfers.models import TransferRequest
from transfers.plan_choices import (
    BIRTH_WORDS,
    DATE_WORDS,
    ERA_WORDS,
    PROFILE_WORDS,
    SWITCHES,
    TIME_WORDS,
    Choice,
    choice_of,
    options_of,
)

ELSEWHERE = (
    "The same patient is a participant of another site of this project already; somebody who is "
    "not limited to sites has to assign the study."
)


class AssignForm(forms.Form):
    """Which study goes where: project, participant, event, and what is left out."""

    project = forms.ModelChoiceField(Project.objects.none(), empty_label="Choose a project")
    pseudonym = forms.CharField(
        label="Participant", max_length=64, widget=forms.TextInput({"autocomplete": "off"})
    )
    event = forms.ModelChoiceField(Event.objects.none(), empty_label=None)
    left_out = forms.ModelMultipleChoiceField(
        Series.objects.none(),
        required=False,
        label="Leave out series",
        widget=forms.CheckboxSelectMultiple,
    )

    is_elsewhere = False

    def __init__(self, *args: Any, user: User, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        self.user = user
        # a project outside its approval is there to be chosen, so that the form can say what it is
        projects = Project.objects.permitting(user, Permission.CANCEL_TRANSFER, partly=True)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        self.fields["left_out"].queryset = study.series.all()  # type: ignore[attr-defined]
        self.chosen = self._chosen_project(projects)
        events = Event.objects.filter(project=self.chosen) if self.chosen else Event.objects.none()
        self.fields["event"].queryset = events  # type: ignore[attr-defined]

    def _chosen_project(self, projects: Any) -> Project | None:
        """The project chosen so far; with one only, that one."""
        raw = self.data.get("project") if self.is_bound else self.initial.get("project")
        if raw and str(raw).isdigit():
            return projects.filter(pk=int(raw)).first()
        own = [p for p in projects if p.ae_title and p.ae_title == self.study.called_ae_title]
        found = own or (list(projects) if len(projects) == 1 else [])
        if found:
            self.initial["project"] = found[0].pk
        return found[0] if found else None

    def known_pseudonym(self) -> str:
        """The participant that this patient already is in the chosen project; empty if none."""
        if self.chosen is None:
            return ""
        earlier = TransferRequest.objects.live().filter(
            project=self.chosen, study__patient=self.study.patient_id
        )
        found = earlier.exclude(study=self.study).select_related("participant").first()
        if found is None or not self.study.patient.patient_id:
            return ""
        visible = Participant.objects.visible_to(self.user)
        self.is_elsewhere = not visible.filter(pk=found.participant_id).exists()
        return "" if self.is_elsewhere else found.participant.pseudonym

    def suggestion(self) -> str:
        """What to offer for the participant: the known one, else the next free identifier."""
        if self.chosen is None:
            return ""
        return self.known_pseudonym() or next_pseudonym(
            self.chosen, only_site(self.user, self.chosen)
        )

    def said_of_pseudonym(self) -> tuple[str, str]:
        """A sentence on what was typed, and its class (good, bad or empty)."""
        typed = self._typed_pseudonym()
        if self.chosen is None:
            return "Choose a project first.", ""
        known = self.known_pseudonym()
        if self.is_elsewhere:
            return ELSEWHERE, "bad"
        if not typed:
            return f"Such as {self.chosen.pattern.example}.", ""
        if not self.chosen.pattern.matches(typed):
            return (
                f"{self.chosen.acronym} expects identifiers such as {self.chosen.pattern.example}.",
                "bad",
            )
        if known and typed != known:
            return (
                f"The same patient is {known} in this project already; check which is right.",
                "bad",
            )
        if known:
            return "Known participant: the same patient was assigned to it before.", "good"
        theirs = self.chosen.participants.visible_to(self.user)
        if theirs.filter(pseudonym=typed).exists():
            return "Known participant, so far of other studies.", "good"
        return "A new participant; the identifier fits the pattern.", "good"

    def _typed_pseudonym(self) -> str:
        source = self.data if self.is_bound else self.initial
        return str(source.get("pseudonym") or "").strip()

    def events_there(self) -> list[str]:
        """The events that the participant named so far has already."""
        if self.chosen is None:
            return []
        live = (
            TransferRequest.objects.live()
            .visible_to(self.user)
            .filter(project=self.chosen, participant__pseudonym=self._typed_pseudonym())
        )
        names = live.order_by("event__position").values_list("event__name", flat=True)
        return list(dict.fromkeys(names))  # each once, in the project's order

    def suggest_event(self) -> None:
        """Offer the first event that this participant does not have yet."""
        if self.chosen is None:
            return
        taken = set(self.events_there())
        events = list(self.chosen.events.all())
        free = [event for event in events if event.name not in taken]
        self.initial["event"] = next(iter([*free, *events]), None)

    def said_of_project(self) -> tuple[str, str]:
        """A sentence on the project's approval, and its class."""
        if self.chosen is None:
            return "", ""
        end = f"{self.chosen.approval_end:%-d %B %Y}"
        if not self.chosen.is_approved:
            start = f"{self.chosen.approval_start:%-d %B %Y}"
            return f"Approved from {start} to {end}, not today: nothing can be transferred.", "bad"
        return f"Approved until {end}.", ""

    def clean_pseudonym(self) -> str:
        """Refuse what does not fit the pattern."""
        typed: str = self.cleaned_data["pseudonym"].strip()
        if self.chosen is not None and not self.chosen.pattern.matches(typed):
            raise forms.ValidationError(
                f"{self.chosen.acronym} expects identifiers such as {self.chosen.pattern.example}."
            )
        self.known_pseudonym()
        if self.is_elsewhere:
            raise forms.ValidationError(ELSEWHERE)
        return typed

    def clean(self) -> dict[str, Any]:
        """Refuse a project outside its approval, and a study that is in the project already."""
        data: dict[str, Any] = super().clean() or {}
        project = data.get("project")
        if project is None:
            return data
        if not project.is_approved:
            self.add_error("project", self.said_of_project()[0])
        if TransferRequest.objects.live().filter(study=self.study, project=project).exists():
            self.add_error("project", f"This study is in {project.acronym} already.")
        left_out = data.get("left_out")
        if left_out is not None and len(left_out) == self.study.series.count():
            self.add_error("left_out", "Keep at least one series.")
        return data


class ReasonForm(forms.Form):
    """Why something held may leave, or must not."""

    reason = forms.CharField(max_length=250, min_length=5)


class PictureForm(forms.Form):
    """What is decided about a picture, or about all of its series that wait."""

    verdict = forms.ChoiceField(choices=[("pass", "Pass"), ("reject", "Reject")])
    scope = forms.ChoiceField(choices=[("image", "This image"), ("series", "The series")])
    reason = forms.CharField(max_length=200, min_length=5)
    confirmed = forms.IntegerField(required=False, min_value=1)


class PseudonymForm(forms.Form):
    """Another participant for a study that was assigned wrongly."""

    pseudonym = forms.CharField(max_length=64)


class PlanForm(forms.Form):
    """What de-identification does in a project, in words; see plan_choices.py."""

    profile = forms.ChoiceField(choices=list(PROFILE_WORDS.items()), widget=forms.HiddenInput)
    era = forms.ChoiceField(
        choices=list(reversed(ERA_WORDS.items())),
        label="The earlier installation's program of",
        required=False,
    )
    dates = forms.ChoiceField(
        choices=list(DATE_WORDS.items()), widget=forms.RadioSelect, required=False
    )
    times = forms.ChoiceField(
        choices=list(TIME_WORDS.items()),
        label="Times of day",
        widget=forms.RadioSelect,
        required=False,
    )
    birth_date = forms.ChoiceField(
        choices=list(BIRTH_WORDS.items()), widget=forms.RadioSelect, required=False
    )
    switches = forms.MultipleChoiceField(
        choices=[(name, switch.label) for name, switch in SWITCHES.items()],
        label="What stays besides",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @classmethod
    def of(cls, profile: str, options: Iterable[str]) -> "PlanForm":
        """Return an unbound form that shows a plan version's choices."""
        choice = choice_of(profile, options)
        return cls(initial={**choice._asdict(), "switches": sorted(choice.switches)})

    def options(self) -> list[str]:
        """Return what was chosen as options of the engine."""
        chosen = self.cleaned_data
        return options_of(
            Choice(
                profile=chosen["profile"],
                era=chosen["era"] or ERAS[-1],
                dates=chosen["dates"],
                times=chosen["times"],
                birth_date=chosen["birth_date"] or "birth-date-empty",
                switches=frozenset(chosen["switches"]),
            )
        )
