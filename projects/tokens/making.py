"""What people do with tokens and service accounts: right, change, audit."""

from datetime import date, datetime, time
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from projects.models import AuditEvent, Membership, Project, Token, User
from projects.models.people import Kind
from projects.models.tokens import LONGEST
from projects.roles import Permission, Role
from projects.tokens import secrets
from projects.tokens.scopes import Scope, written

SERVICE_ROLES = (Role.DATA_MANAGER, Role.RESEARCHER)
MOST_TOKENS = 50


class Made(NamedTuple):
    """A new token and its secret, which is told now and never again."""

    token: Token
    secret: str


@transaction.atomic
def make_token(
    *,
    by: User,
    name: str,
    scopes: frozenset[Scope],
    last_day: date,
    project: Project | None = None,
    account: User | None = None,
) -> Made:
    """Make a token for oneself, or for a service account of a project whose people one manages.

    It works until the end of `last_day`, at most a year from now. Raises PermissionDenied, also to
    whoever came by a token, and ValidationError.
    """
    user = by if account is None else account
    _check_may_make(by, user)
    if user.kind == Kind.SERVICE:
        project = user.service_of
    if project is not None and not user.may(Permission.VIEW_PROJECT, project):
        raise PermissionDenied
    if user.tokens.live().count() >= MOST_TOKENS:
        sentence = f"Nobody has more than {MOST_TOKENS} tokens at a time: revoke one first."
        raise ValidationError(sentence)
    secret = secrets.draw()
    token = Token(
        user=user,
        name=name,
        digest=secrets.digest_of(secret),
        ending=secret[-4:],
        scope=written(scopes),
        project=project,
        created_by=by,
        expires_at=_end_of(last_day),
    )
    if token.expires_at <= token.created_at:
        raise ValidationError({"last_day": "This day is over."})
    token.full_clean()
    token.save()
    AuditEvent.record(
        by, "made_token", token, user=user.pk, scope=written(scopes).replace(" ", "-")
    )
    return Made(token, secret)


@transaction.atomic
def revoke_token(*, by: User, token: Token) -> None:
    """End a token for good: one's own, or one that reaches a project whose people one manages.

    Raises PermissionDenied, also to whoever came by a token. Revoking twice does nothing more.
    """
    if by.token_bounds is not None or not _may_revoke(by, token):
        raise PermissionDenied
    now = timezone.now()
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
        AuditEvent.record(by, "revoked_token", token, user=token.user_id)


@transaction.atomic
def revoke_leaked(*, token: Token) -> None:
    """End a token that somebody wrote into an address: logs on its way have kept it."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        AuditEvent.record(None, "revoked_leaked_token", token, user=token.user_id)


@transaction.atomic
def make_service_account(*, by: User, project: Project, name: str, role: Role) -> User:
    """Make an account for a program of one project: no password, no sign-in, tokens alone.

    Raises PermissionDenied, and ValidationError for a name that is taken or a role that is not for
    programs.
    """
    if not by.may(Permission.MANAGE_MEMBERS, project):
        raise PermissionDenied
    if Role(role) not in SERVICE_ROLES:
        raise ValidationError({"role": "A service account is data manager or researcher."})
    word = slugify(name)
    if not word:
        raise ValidationError({"name": "Name it with letters or digits."})
    account = User(
        username=f"service.{project.acronym.lower()}.{word}",
        first_name=name,
        kind=Kind.SERVICE,
        service_of=project,
    )
    account.set_unusable_password()
    if User.objects.filter(username=account.username).exists():
        raise ValidationError({"name": "The project has, or had, a service account of this name."})
    account.full_clean()
    account.save()
    Membership.objects.create(project=project, user=account, role=Role(role))
    AuditEvent.record(by, "made_service_account", account, project=project, role=str(role))
    return account


@transaction.atomic
def end_service_account(*, by: User, account: User) -> None:
    """End a service account: its tokens, its membership, itself. Raises PermissionDenied."""
    project = account.service_of
    if project is None or not by.may(Permission.MANAGE_MEMBERS, project):
        raise PermissionDenied
    for token in account.tokens.filter(revoked_at=None):
        revoke_token(by=by, token=token)
    account.memberships.all().delete()
    User.objects.filter(pk=account.pk).update(is_active=False)
    AuditEvent.record(by, "ended_service_account", account, project=project)


def may_revoke_in(by: User, token: Token, project: Project) -> bool:
    """Tell whether this person may revoke a token because it reaches a project they manage."""
    reaches = token.project_id == project.pk or (
        token.project_id is None and project.pk in token.user.seats
    )
    return reaches and by.may(Permission.MANAGE_MEMBERS, project)


def _may_revoke(by: User, token: Token) -> bool:
    if token.user_id == by.pk or by.may(Permission.MANAGE_MEMBERS):
        return True
    reached = Project.objects.permitting(by, Permission.MANAGE_MEMBERS)
    return any(may_revoke_in(by, token, project) for project in reached)


def _check_may_make(by: User, user: User) -> None:
    """A token makes no tokens, and nobody makes one for another person."""
    if by.token_bounds is not None or by.kind != Kind.PERSON or not by.is_active:
        raise PermissionDenied
    if user.pk == by.pk:
        return
    if user.kind != Kind.SERVICE or not user.is_active:
        raise PermissionDenied
    if not by.may(Permission.MANAGE_MEMBERS, user.service_of):
        raise PermissionDenied


def _end_of(day: date) -> datetime:
    """Return the last moment of a day, or of the longest time there is if the day is its last."""
    end = timezone.make_aware(datetime.combine(day, time.max))
    longest = timezone.now() + LONGEST
    return longest if timezone.localdate(longest) == day else end
