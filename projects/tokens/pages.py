"""/account/tokens/ for oneself, and for each project its service accounts and tokens."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import project_at
from projects.forms import show_problems
from projects.models import Project, Token, User
from projects.requests import SignedInRequest
from projects.roles import Permission, Role
from projects.tokens import making
from projects.tokens.forms import OwnTokenForm, ServiceForm, TokenForm


@require_http_methods(["GET", "HEAD", "POST"])
def account_tokens(request: SignedInRequest) -> HttpResponse:
    """One's own tokens, and the form for another one; a new one is shown this once."""
    form = OwnTokenForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = making.make_token(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            return _told_once(request, made)
    tokens = list(request.user.tokens.select_related("project"))
    page = {
        "form": form,
        "tokens": [token for token in tokens if token.is_live],
        "ended": [token for token in tokens if not token.is_live][:20],
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/tokens.html", page, status=status)


@require_POST
def revoke_own(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(request.user.tokens, pk=pk)
    making.revoke_token(by=request.user, token=token)
    messages.success(request, f"“{token.name}” is revoked. It opens nothing any more.")
    return redirect("account-tokens")


@require_safe
def project_tokens(request: SignedInRequest, acronym: str) -> HttpResponse:
    """The programs and tokens that reach a project, for those who manage its people."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    return _project_page(request, project)


@require_POST
def add_service(request: SignedInRequest, acronym: str) -> HttpResponse:
    """Make a service account."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    form = ServiceForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        name = form.cleaned_data["name"]
        try:
            making.make_service_account(by=request.user, project=project, name=name, role=role)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, f"{name} has an account now. Make a token for it below.")
            return redirect("project-tokens", project.acronym)
    return _project_page(request, project, service_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def service_token(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """Make a token for a service account; it is shown this once."""
    project, account = _account(request, acronym, pk)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = making.make_token(by=request.user, account=account, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            return _told_once(request, made, project)
    page = {"project": project, "account": account, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "projects/service_token.html", page, status=status)


@require_POST
def end_service(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """End a service account and its tokens."""
    project, account = _account(request, acronym, pk)
    making.end_service_account(by=request.user, account=account)
    messages.success(request, f"{account.display_name} was ended, and its tokens with it.")
    return redirect("project-tokens", project.acronym)


@require_POST
def revoke_in_project(request: SignedInRequest, acronym: str, pk: int) -> HttpResponse:
    """End a token that reaches the project, whosever it is."""
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    token = get_object_or_404(Token.objects.reaching(project), pk=pk)
    making.revoke_token(by=request.user, token=token)
    messages.success(request, f"“{token.name}” is revoked. It opens nothing any more.")
    return redirect("project-tokens", project.acronym)


def _account(request: SignedInRequest, acronym: str, pk: int) -> tuple[Project, User]:
    project = project_at(request.user, acronym, Permission.MANAGE_MEMBERS)
    account: User = get_object_or_404(project.service_accounts.filter(is_active=True), pk=pk)
    return project, account


def _told_once(
    request: SignedInRequest, made: making.Made, project: Project | None = None
) -> HttpResponse:
    page = {"token": made.token, "secret": made.secret, "project": project}
    return render(request, "accounts/token_made.html", page)


def _accounts(project: Project) -> QuerySet[User]:
    live = Token.objects.live()
    return (
        project.service_accounts.filter(is_active=True)
        .prefetch_related("memberships", Prefetch("tokens", live, to_attr="live_tokens"))
        .order_by("first_name")
    )


def _project_page(
    request: SignedInRequest, project: Project, *, service_form: ServiceForm | None = None
) -> HttpResponse:
    page = {
        "project": project,
        "accounts": _accounts(project),
        "tokens": Token.objects.reaching(project).live().select_related("user"),
        "form": service_form or ServiceForm(),
    }
    status = 422 if service_form else 200
    return render(request, "projects/tokens.html", page, status=status)
