"""The rows that other tests start from are valid as they stand."""

import pytest

from intake.models import Instance, Series, Study
from projects.roles import Permission, Role
from tests.factories import ParticipantFactory, ProjectFactory, StudyFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_project_from_the_factory_keeps_every_rule_and_knows_its_members():
    kari = UserFactory()

    project = ProjectFactory(acronym="BICAM", members={kari: Role.OWNER}, sites=["Bergen"])

    project.full_clean()
    assert kari.may(Permission.MANAGE_PROJECT, project)
    assert [event.name for event in project.events.all()] == ["baseline", "6month"]
    assert [site.code for site in project.sites.all()] == [1]
    assert len(project.key) == 32


def test_a_participant_from_the_factory_fits_the_pattern_and_has_a_secret():
    participant = ParticipantFactory()

    participant.full_clean()
    assert len(participant.secret) == 32


def test_a_study_from_the_factory_has_the_series_and_instances_it_counts():
    study = StudyFactory(series=2, instances=3)

    assert study.is_complete
    assert Series.objects.filter(study=study).count() == study.series_count == 2
    assert Instance.objects.filter(series__study=study).count() == study.instance_count == 6
    assert Study.objects.get(study_uid_index=study.study_instance_uid) == study
