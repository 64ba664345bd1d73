"""What a membership is limited to: sites, a last day, the right to see identified data."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from projects.actions import ensure_participant, remove_member, set_member
from projects.models import AuditEvent, Participant, Project, Site, User, within_sites
from projects.roles import BY_SITE, HospitalRole, Permission, Role
from tests.factories import ParticipantFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return UserFactory()


@pytest.fixture
def ola():
    return UserFactory(username="ola", first_name="Ola")


@pytest.fixture
def bicam(kari, ola):
    return ProjectFactory(
        acronym="BICAM",
        participant_pattern="BICAM_{site:02}_{n:04}",
        members={kari: Role.OWNER, ola: Role.DATA_MANAGER},
        sites=["Bergen", "Voss"],
    )


@pytest.fixture
def bergen(bicam):
    return bicam.sites.get(code=1)


@pytest.fixture
def voss(bicam):
    return bicam.sites.get(code=2)


def limit(kari, bicam, user, *sites, role=Role.DATA_MANAGER):
    set_member(by=kari, project=bicam, user=user, role=role, sites=sites)
    return User.objects.get(pk=user.pk)


class TestSites:
    def test_limited_person_has_what_can_be_parted_for_their_sites_and_nothing_of_the_whole(
        self, kari, ola, bicam, bergen, voss
    ):
        ola = limit(kari, bicam, ola, bergen)

        asked = Permission.REQUEST_TRANSFER
        assert ola.may(asked, bicam, site=bergen)
        assert not ola.may(asked, bicam, site=voss)
        assert not ola.may(asked, bicam)
        assert ola.may_partly(asked, bicam)
        assert ola.sites_in(bicam) == {bergen.pk}
        assert kari.sites_in(bicam) is None
        whole = {one for one in Permission if ola.may(one, bicam)}
        assert whole == {Permission.VIEW_PROJECT}

    def test_participant_without_a_site_is_seen_by_nobody_who_is_limited(
        self, kari, ola, bicam, bergen
    ):
        nowhere = ParticipantFactory(project=bicam, pseudonym="BICAM_01_0007")
        theirs = ParticipantFactory(project=bicam, pseudonym="BICAM_01_0001", site=bergen)

        ola = limit(kari, bicam, ola, bergen)

        assert list(Participant.objects.visible_to(ola)) == [theirs]
        assert set(Participant.objects.visible_to(kari)) == {nowhere, theirs}
        assert not ola.may(Permission.SEE_IDENTIFIED, bicam, site=nowhere.site_id)

    def test_limited_person_names_participants_of_their_sites_only(
        self, kari, ola, bicam, bergen, voss
    ):
        ola = limit(kari, bicam, ola, bergen)

        made = ensure_participant(by=ola, project=bicam, pseudonym="BICAM_01_0001")

        assert made.site == bergen
        with pytest.raises(PermissionDenied, match="limited to some sites of BICAM"):
            ensure_participant(by=ola, project=bicam, pseudonym="BICAM_02_0001")
        assert not bicam.participants.filter(site=voss).exists()

    def test_participant_of_another_site_is_refused_although_it_is_there(
        self, kari, ola, bicam, bergen, voss
    ):
        ParticipantFactory(project=bicam, pseudonym="BICAM_02_0001", site=voss)
        ola = limit(kari, bicam, ola, bergen)

        with pytest.raises(PermissionDenied, match="another site"):
            ensure_participant(by=ola, project=bicam, pseudonym="BICAM_02_0001")

    def test_pattern_without_a_site_gives_new_ones_to_the_only_site_of_whoever_asks(self, kari):
        ola = UserFactory()
        project = ProjectFactory(
            acronym="BICAM", members={kari: Role.OWNER, ola: "administrator"}, sites=["Bergen"]
        )
        ola = limit(kari, project, ola, project.sites.get(), role=Role.ADMINISTRATOR)

        made = ensure_participant(by=ola, project=project, pseudonym="BICAM_0001")

        assert made.site == project.sites.get()

    def test_owner_answers_for_the_whole_project(self, kari, ola, bicam, bergen):
        with pytest.raises(ValidationError, match="whole project"):
            limit(kari, bicam, ola, bergen, role=Role.OWNER)

    def test_site_of_another_project_is_refused(self, kari, ola, bicam):
        elsewhere = ProjectFactory(sites=["Oslo"]).sites.get()

        with pytest.raises(ValidationError, match="another project"):
            limit(kari, bicam, ola, elsewhere)

    def test_every_change_of_limits_is_in_the_audit_by_number(self, kari, ola, bicam, voss):
        limit(kari, bicam, ola, voss)

        facts = AuditEvent.objects.filter(verb="set_member").latest("pk").facts
        assert (facts["sites"], facts["identified"], facts["until"]) == ("2", True, "")

    def test_changing_the_role_alone_leaves_the_limits(self, kari, ola, bicam, voss):
        limit(kari, bicam, ola, voss)

        set_member(by=kari, project=bicam, user=ola, role=Role.RESEARCHER)

        assert list(bicam.memberships.get(user=ola).sites.all()) == [voss]


class TestIdentified:
    def test_right_can_be_taken_from_a_member_whose_role_has_it(self, kari, ola, bicam):
        assert ola.may(Permission.SEE_IDENTIFIED, bicam)

        set_member(by=kari, project=bicam, user=ola, role=Role.DATA_MANAGER, has_identified=False)

        ola = User.objects.get(pk=ola.pk)
        assert not ola.may(Permission.SEE_IDENTIFIED, bicam)
        assert not Project.objects.permitting(ola, Permission.SEE_IDENTIFIED).exists()
        assert ola.may(Permission.RESOLVE_FINDINGS, bicam)

    def test_no_role_gets_it_that_the_table_does_not_give_it_to(self, kari, ola, bicam):
        set_member(by=kari, project=bicam, user=ola, role=Role.RESEARCHER, has_identified=True)

        assert not User.objects.get(pk=ola.pk).may(Permission.SEE_IDENTIFIED, bicam)


class TestLastDay:
    def test_membership_ends_with_its_last_day(self, kari, ola, bicam):
        today = timezone.localdate()
        for until, is_there in ((today, True), (today - timedelta(days=1), False)):
            set_member(by=kari, project=bicam, user=ola, role=Role.RESEARCHER, until=until)

            fresh = User.objects.get(pk=ola.pk)
            assert fresh.may(Permission.VIEW_PROJECT, bicam) is is_there
            assert Project.objects.visible_to(fresh).exists() is is_there

    def test_last_owner_who_stays_can_neither_run_out_nor_leave(self, kari, ola, bicam):
        day = timezone.localdate() + timedelta(days=9)
        set_member(by=kari, project=bicam, user=ola, role=Role.OWNER, until=day)

        with pytest.raises(ValidationError, match="at least one owner"):
            set_member(by=kari, project=bicam, user=kari, role=Role.OWNER, until=day)
        with pytest.raises(ValidationError, match="at least one owner"):
            remove_member(by=kari, membership=bicam.memberships.get(user=kari))
        assert bicam.memberships.get(user=kari).until is None


class TestTheSubset(TestCase):
    """Whatever somebody is limited to, lists hold exactly what `may` says yes to."""

    @settings(max_examples=25, deadline=None)
    @given(
        seats=st.lists(
            st.tuples(
                st.sampled_from([None, *Role]),
                st.sets(st.integers(0, 2), max_size=3),
                st.booleans(),
                st.sampled_from([None, -1, 0]),
            ),
            min_size=2,
            max_size=2,
        ),
        hospital_role=st.sampled_from(list(HospitalRole)),
        days=st.sampled_from([(-9, 9), (-9, -1), (3, 9)]),
    )
    def test_what_a_limited_person_reaches_is_exactly_the_subset(self, seats, hospital_role, days):
        today = timezone.localdate()
        kari = UserFactory(hospital_role=hospital_role)
        for role, codes, sees, until in seats:
            project = ProjectFactory(
                approval_start=today + timedelta(days=days[0]),
                approval_end=today + timedelta(days=days[1]),
                sites=["Bergen", "Voss", "Odda"],
            )
            sites: list[Site] = list(project.sites.all())
            for site in [None, *sites]:
                ParticipantFactory(project=project, site=site)
            if role is not None:
                last = None if until is None else today + timedelta(days=until)
                seat = project.memberships.create(
                    user=kari, role=role, has_identified=sees, until=last
                )
                seat.sites.set([sites[code] for code in codes])

        everybody = list(Participant.objects.select_related("project", "site"))
        for permission in BY_SITE - {Permission.VIEW_PROJECT}:
            reached = set(Participant.objects.filter(within_sites(kari, permission, site="site")))
            allowed = {one for one in everybody if kari.may(permission, one.project, site=one.site)}
            assert reached == allowed
        seen = set(Participant.objects.visible_to(kari))
        limits = {one.project: kari.sites_in(one.project) for one in everybody}
        assert seen == {
            one
            for one in everybody
            if limits[one.project] is None or one.site_id in limits[one.project]
        }
        for permission in set(Permission) - BY_SITE:
            whole = set(Project.objects.permitting(kari, permission))
            assert whole == {one for one in limits if kari.may(permission, one)}
