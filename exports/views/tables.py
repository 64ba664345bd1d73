"""Participant tables: what a project knows of its participants beside the images."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from exports.actions import tables as actions
from exports.forms import TableForm
from exports.models import ParticipantTable
from exports.participant_tables import MOST_BYTES
from exports.presenting import counted
from projects.access import project_at
from projects.models import Project
from projects.requests import SignedInRequest
from projects.roles import Permission

ROWS_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def tables(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The tables of a project, and bringing in a new one."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    if request.method != "POST":
        return _page(request, project, TableForm())
    form = TableForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, project, form)
    try:
        table = actions.bring_table(
            by=request.user,
            project=project,
            name=form.cleaned_data["name"],
            file=form.cleaned_data["file"].read(MOST_BYTES + 1),
        )
    except ValidationError as error:
        form.add_error("file", error.messages)
        return _page(request, project, form)
    messages.success(
        request, f"{table.name} is brought in: {counted(table.row_count, 'participant')}."
    )
    return redirect("export-tables", project.acronym)


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """One table: its columns; its values by POST, for who may see identified data, on record."""
    project = project_at(request.user, acronym, Permission.VIEW_WHOLE)
    found = get_object_or_404(ParticipantTable, project=project, pk=pk)
    context = {
        "project": project,
        "table": found,
        "may_see": request.user.may(Permission.SEE_IDENTIFIED, project),
        "may_export": request.user.may(Permission.EXPORT, project),
        "may_withdraw": request.user.may(Permission.WITHDRAW_PACKAGES, project),
    }
    if request.method == "POST":
        if not context["may_see"]:
            raise PermissionDenied
        context["rows"] = actions.show_table(by=request.user, table=found)[:ROWS_SHOWN]
    return render(request, "exports/table.html", context)


@require_POST
def delete(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Let go of a table and all its values."""
    project = project_at(request.user, acronym, Permission.WITHDRAW_PACKAGES)
    found = get_object_or_404(ParticipantTable, project=project, pk=pk)
    name = found.name
    try:
        actions.delete_table(by=request.user, table=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{name} is deleted with all its values.")
    return redirect("export-tables", project.acronym)


def _page(request: SignedInRequest, project: Project, form: TableForm) -> HttpResponse:
    found = list(ParticipantTable.objects.filter(project=project).select_related("created_by"))
    context = {
        "project": project,
        "tables": found,
        "sentence": f"{project.acronym} has {counted(len(found), 'participant table')}.",
        "form": form,
        "may_export": request.user.may(Permission.EXPORT, project),
        "may_withdraw": request.user.may(Permission.WITHDRAW_PACKAGES, project),
    }
    return render(request, "exports/tables.html", context, status=422 if form.is_bound else 200)
