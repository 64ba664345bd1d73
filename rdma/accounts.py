"""Signing in and out, and what somebody sees who tried too often."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django_htmx.http import HttpResponseClientRefresh

REST_MINUTES = round(settings.AXES_COOLOFF_TIME * 60)


class SignIn(auth_views.LoginView):
    """Sign in with a local account; whoever is signed in already is sent on."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a part of a page whose session has ended load the whole page instead of itself."""
        if getattr(request, "htmx", False):
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say how many tries there are."""
        facts = {"attempts": settings.AXES_FAILURE_LIMIT, "minutes": REST_MINUTES}
        return super().get_context_data(**kwargs) | facts


class PasswordChange(auth_views.PasswordChangeView):
    """Choose another password for oneself."""

    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("home")


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Say that, and for how long, no further try is taken (settings.AXES_LOCKOUT_CALLABLE)."""
    facts = {"failure_limit": settings.AXES_FAILURE_LIMIT, "minutes": REST_MINUTES}
    return render(request, "accounts/locked_out.html", facts, status=429)
