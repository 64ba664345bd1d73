"""Somebody wraps a new secret while the key that wraps it is changed: nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from projects import keyring
from projects.keys.opening import wrap_by_project
from projects.keys.rotating import rotate_master_key, rotate_project_key
from projects.models import Participant, Project
from tests.factories import ParticipantFactory, ProjectFactory
from tests.rdma.keys.written import NEW, give_keys

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = b"s" * 32


@pytest.fixture
def master_keys(settings):
    """Both master keys; afterwards everything is under the old one, as the other tests' is."""
    old = settings.RDMA_MASTER_KEY
    give_keys(settings, now=NEW, previous=old)
    yield
    give_keys(settings, now=old, previous=NEW)
    rotate_master_key()
    give_keys(settings, now=old)


def in_a_connection_of_its_own(work):
    try:
        return work()
    finally:
        connection.close()


def meet(first: Callable[[], Callable[[], object]], second: Callable[[], object]) -> None:
    """Let `first` begin, `second` come upon it, and `first` save; `second` must have waited.

    `first` returns what it still has to do in its transaction.
    """
    has_begun, may_save = Event(), Event()

    def begin_and_save():
        with transaction.atomic():
            save = first()
            has_begun.set()
            assert may_save.wait(30)
            save()

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(in_a_connection_of_its_own, begin_and_save)
        assert has_begun.wait(30)
        other = threads.submit(in_a_connection_of_its_own, second)
        try:
            with pytest.raises(TimeoutError):
                other.result(timeout=1)
        finally:
            may_save.set()
        one.result(30)
        other.result(30)


def wrapped_for(project):
    """Wrap a secret by the project's key, and return what saves it."""
    wrapped = wrap_by_project(SECRET, project)
    return lambda: Participant.objects.create(
        project=project, pseudonym="BICAM_0999", wrapped_secret=wrapped
    )


def written_for(project):
    with transaction.atomic():
        wrapped_for(project)()


def changed(project):
    rotate_project_key(project)
    return lambda: None


@pytest.mark.parametrize(
    ("begin", "meanwhile"),
    [
        pytest.param(wrapped_for, rotate_project_key, id="wrapped before, saved after"),
        pytest.param(changed, written_for, id="written while it is changed"),
    ],
)
def test_a_participant_made_around_a_change_of_the_projects_key_keeps_its_secret(begin, meanwhile):
    first = ParticipantFactory(project__acronym="BICAM")
    secret = first.secret

    meet(lambda: begin(first.project), lambda: meanwhile(first.project))

    assert Participant.objects.get(pseudonym="BICAM_0999").secret == SECRET
    assert Participant.objects.get(pk=first.pk).secret == secret


def test_a_project_made_while_the_master_key_is_changed_is_taken_along(settings, master_keys):
    def begin():
        wrapped = keyring.wrap_by_master(SECRET)
        return lambda: ProjectFactory(acronym="BICAM", wrapped_key=wrapped)

    meet(begin, rotate_master_key)
    give_keys(settings, now=NEW)

    assert Project.objects.get().key == SECRET


def test_a_projects_key_and_the_master_key_are_changed_one_after_the_other(settings, master_keys):
    first = ParticipantFactory(project__acronym="BICAM")
    secret = first.secret

    meet(lambda: changed(first.project), rotate_master_key)
    give_keys(settings, now=NEW)

    assert Participant.objects.get(pk=first.pk).secret == secret
