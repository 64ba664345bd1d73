"""Signing in and out, and what somebody sees who tried too often."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from projects.auditing.signing import record_sign_in
from projects.models import AuditEvent, User

REST_MINUTES = round(settings.AXES_COOLOFF_TIME * 60)


class SignIn(auth_views.LoginView):
    """Sign in, by the hospital's directory or a local account; who is in already is sent on."""

    http_method_names = ("get", "head", "post")
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a part of a page whose session has ended load the whole page instead of itself."""
        if getattr(request, "htmx", False):
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say how many tries there are, and whether the directory could be asked."""
        facts = {
            "attempts": settings.AXES_FAILURE_LIMIT,
            "minutes": REST_MINUTES,
            "has_directory": settings.DIRECTORY is not None,
            "directory_is_away": getattr(self.request, "directory_is_away", False),
        }
        return super().get_context_data(**kwargs) | facts

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let somebody in, and write it down."""
        answer = super().form_valid(form)
        record_sign_in(form.get_user())
        return answer


class SignOut(auth_views.LogoutView):
    """Sign out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session, and write down whose it was."""
        if isinstance(request.user, User):
            AuditEvent.record(request.user, "signed_out", request.user)
        return super().post(request, *args, **kwargs)


@login_not_required
@require_GET
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Send whoever wants to Django admin to the one door; who is in already lacks the right."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("sign-in"))


class PasswordForm(PasswordChangeForm):
    """Django's, with words that do not take the old password for the one typed before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what to type."""
        super().__init__(*args, **kwargs)
        self.fields[
            "new_password1"
        ].help_text = "At least 12 characters, not a common word and not like your name."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""


class PasswordChange(auth_views.PasswordChangeView):
    """Choose another password for oneself."""

    http_method_names = ("get", "head", "post")  # Django takes PUT for POST
    template_name = "accounts/password_change.html"
    form_class = PasswordForm
    success_url = reverse_lazy("home")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whose password is the hospital's there: none is kept of them here."""
        if isinstance(request.user, User) and not request.user.has_usable_password():
            return render(request, "accounts/password_elsewhere.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Take the new one, and write down that there is one."""
        answer = super().form_valid(form)
        AuditEvent.record(form.user, "changed_password", form.user)
        messages.success(self.request, "Your password is changed. Other browsers are signed out.")
        return answer


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Say that, and for how long, no further try is taken (settings.AXES_LOCKOUT_CALLABLE)."""
    facts = {
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "minutes": REST_MINUTES,
        "has_directory": settings.DIRECTORY is not None,
    }
    answer = render(request, "accounts/locked_out.html", facts, status=429)
    answer["Retry-After"] = str(REST_MINUTES * 60)
    return answer
