"""The specifications of a project: made from a ready-made one, from a file, or from others'."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exports.actions import specifications as actions
from exports.forms import NewSpecificationForm, UploadForm
from exports.models import SpecificationSheet, SpecificationVersion
from exports.presenting import counted
from exports.specification import SpecificationError, from_yaml, to_yaml
from exports.starts import specification_of, starts
from exports.versions import newest_versions
from projects.access import project_at
from projects.models import AuditEvent, Project
from projects.requests import SignedInRequest
from projects.roles import Permission

MOST_BYTES = 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
def specifications(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The specifications of a project, those that others offer, and making a new one."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    if request.method != "POST":
        return _page(request, project)
    project_at(request.user, acronym, Permission.EXPORT)
    form = NewSpecificationForm(request.POST, starts=starts(project))
    if not form.is_valid():
        return _page(request, project, form=form)
    specification = specification_of(project, form.cleaned_data["start"])
    try:
        assert specification is not None  # noqa: S101 - the form knows what there is
        sheet = actions.create_sheet(
            by=request.user,
            project=project,
            name=form.cleaned_data["name"],
            specification=specification,
        )
    except ValidationError as error:
        form.add_error("name", error.messages)
        return _page(request, project, form=form)
    return redirect("export-specification", project.acronym, sheet.pk)


@require_POST
def upload(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Bring a specification in as YAML."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, project, upload_problems=["Choose a file and give it a name."])
    try:
        text = form.cleaned_data["file"].read(MOST_BYTES).decode("utf-8-sig")
        sheet = actions.create_sheet(
            by=request.user,
            project=project,
            name=form.cleaned_data["name"],
            specification=from_yaml(text),
        )
    except UnicodeDecodeError:
        return _page(request, project, upload_problems=["The file is no text in UTF-8."])
    except SpecificationError as error:
        problems = [str(problem) for problem in error.problems]
        return _page(request, project, upload_problems=problems)
    except ValidationError as error:
        return _page(request, project, upload_problems=error.messages)
    messages.success(request, f"{sheet.name} is brought in.")
    return redirect("export-specification", project.acronym, sheet.pk)


@require_POST
def take(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Copy a version that another project offers."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    version = get_object_or_404(actions.offered_to(request.user, project), pk=pk)
    name = request.POST.get("name", "").strip()
    try:
        sheet = actions.take_version(by=request.user, project=project, version=version, name=name)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("export-specifications", project.acronym)
    messages.success(request, f"{sheet.name} is a copy of your own now.")
    return redirect("export-specification", project.acronym, sheet.pk)


@require_POST
def offer(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Offer the newest version to the other projects of the hospital, or stop to."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    sheet = get_object_or_404(SpecificationSheet, project=project, pk=pk)
    try:
        if request.POST.get("deed") == "withdraw":
            actions.withdraw_version(by=request.user, version=sheet.newest)
            messages.success(
                request, "It is offered to nobody any more. Copies that were taken stay."
            )
        else:
            actions.offer_version(by=request.user, version=sheet.newest)
            messages.success(request, "Other projects can take a copy of this version now.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("export-specification", project.acronym, sheet.pk)


@require_safe
def as_yaml(request: SignedInRequest, acronym: str, pk: int, number: int) -> HttpResponse:
    """One version as a file."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    version = get_object_or_404(_versions(project, pk), number=number)
    AuditEvent.record(request.user, "downloaded_specification", version.sheet, number=number)
    answer = HttpResponse(to_yaml(version.specification), content_type="application/yaml")
    name = f"{project.acronym}_specification_{pk}_v{number}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def restore(request: SignedInRequest, acronym: str, pk: int, number: int) -> HttpResponse:
    """Make an older version the newest again."""
    project = project_at(request.user, acronym, Permission.EXPORT)
    version = get_object_or_404(_versions(project, pk), number=number)
    try:
        new = actions.save_version(
            by=request.user,
            sheet=version.sheet,
            specification=version.specification,
            why=f"As in version {version.number}.",
        )
    except (SpecificationError, ValidationError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Version {new.number} is as version {number} was.")
    return redirect("export-specification", project.acronym, pk)


def _versions(project: Project, sheet: int) -> Any:
    found = SpecificationVersion.objects.filter(sheet__project=project, sheet=sheet)
    return found.select_related("sheet")


def _page(
    request: SignedInRequest,
    project: Project,
    *,
    form: NewSpecificationForm | None = None,
    upload_problems: list[str] | None = None,
) -> HttpResponse:
    newest = newest_versions(project)
    possible = starts(project)
    context = {
        "project": project,
        "versions": newest,
        "sentence": f"{project.acronym} has {counted(len(newest), 'specification')} of its own.",
        "may_export": request.user.may(Permission.EXPORT, project),
        "offered": actions.offered_to(request.user, project),
        "form": form or NewSpecificationForm(starts=possible),
        "starts": possible,
        "upload_problems": upload_problems,
        "upload_name": request.POST.get("name", "") if upload_problems else "",
    }
    status = 422 if form is not None or upload_problems else 200
    return render(request, "exports/specifications.html", context, status=status)
