"""Signing in with the directory's password, and every way of not getting in."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from projects.models import AuditEvent, DirectoryPerson, User
from tests.factories import PASSWORD as LOCAL_PASSWORD
from tests.factories import UserFactory
from tests.services.process import free_port
from tests.services.slapd import KARI, PASSWORD, PEOPLE, Slapd

pytestmark = pytest.mark.django_db

REFUSED = "User name and password do not belong together."


def sign_in(client, name="kari", password=PASSWORD):
    return client.post("/sign-in/", {"username": name, "password": password})


def signed_in(client):
    return client.session.get("_auth_user_id") is not None


def test_somebody_of_the_directory_signs_in_and_is_known_by_name(client, directory: Slapd):
    answer = sign_in(client)

    kari = User.objects.get()
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    assert (kari.username, kari.first_name, kari.last_name) == ("kari", "Kari", "Moen")
    assert kari.email == "somebody@example.org"
    assert not kari.has_usable_password()
    assert not kari.is_staff
    assert not kari.is_superuser
    assert kari.directory_person.dn == KARI


def test_ldaps_does_as_well_as_starttls(client, slapd: Slapd, configure):
    configure(slapd, servers=(slapd.tls_uri,))

    sign_in(client)

    assert signed_in(client)


def test_the_next_server_is_asked_when_the_first_is_away(client, slapd: Slapd, configure):
    configure(slapd, servers=(f"ldap://127.0.0.1:{free_port()}", slapd.tls_uri))

    sign_in(client)

    assert signed_in(client)


@pytest.mark.parametrize("password", ["something else", PASSWORD.upper(), " ", "x\0y"])
def test_a_wrong_password_is_refused_and_makes_nobody(client, directory: Slapd, password):
    answer = sign_in(client, password=password)

    assert answer.status_code == 200
    assert not User.objects.exists()


def test_an_empty_password_is_no_anonymous_bind(client, directory: Slapd, rf):
    from django.contrib.auth import authenticate

    answer = sign_in(client, password="")

    assert not signed_in(client)
    assert answer.status_code == 200
    assert authenticate(rf.post("/sign-in/"), username="kari", password="") is None
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "k*",
        "kari)(uid=*",
        ")(uid=*",
        "*)(objectClass=*",
        "kari)(|(uid=*",
        "\\2a",
        "kari\\00",
        f"kari,{PEOPLE}",
        KARI,
        "nobody",
    ],
)
def test_a_user_name_is_a_name_and_never_a_filter_or_an_entry(client, directory: Slapd, name):
    answer = sign_in(client, name=name)

    assert REFUSED in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["KARI", " kari ", "Kari"])
def test_however_a_name_is_written_it_is_one_account(client, directory: Slapd, name):
    sign_in(client)
    client.logout()

    sign_in(client, name=name)

    assert signed_in(client)
    assert User.objects.get().username == "kari"


def test_letters_of_the_country_are_kept(client, directory: Slapd):
    directory.add_person("åse", "Åse", "Sjøø-Ærlig")

    sign_in(client, name="åse")

    aase = User.objects.get()
    assert (aase.username, aase.first_name, aase.last_name) == ("åse", "Åse", "Sjøø-Ærlig")


def test_an_entry_whose_name_has_a_comma_and_a_percent_sign_signs_in(client, directory: Slapd):
    from tests.services.slapd import person

    dn = f"cn=Moen\\, Ola 100% (x),{PEOPLE}"
    directory.add(dn, [("cn", [b"Moen, Ola 100% (x)"]), *_without_cn(person("ola", "Ola", "Moen"))])

    sign_in(client, name="ola")

    assert signed_in(client)
    assert DirectoryPerson.objects.get().user.username == "ola"


def _without_cn(attributes):
    return [one for one in attributes if one[0] != "cn"]


def test_two_entries_of_one_user_name_let_nobody_in(client, directory: Slapd, caplog):
    directory.add(
        f"ou=more,{PEOPLE}", [("objectClass", [b"organizationalUnit"]), ("ou", [b"more"])]
    )
    from tests.services.slapd import person

    directory.add(f"uid=kari,ou=more,{PEOPLE}", person("kari", "Kari", "Annen"))

    sign_in(client)

    assert not signed_in(client)
    assert "Several entries have this user name" in caplog.text


def test_a_certificate_of_an_unknown_authority_lets_nobody_in(
    client, slapd: Slapd, configure, tmp_path
):
    from tests.services.slapd import Authority

    configure(slapd, ca_file=str(Authority.drawn().write(tmp_path / "other.pem")))

    answer = sign_in(client)

    assert not signed_in(client)
    assert "does not answer" in answer.content.decode()


@pytest.mark.parametrize("wrong", [{"address": "127.0.0.2"}, {"days": -1}])
@pytest.mark.parametrize("way", ["uri", "tls_uri"])
def test_a_certificate_of_another_host_or_past_its_day_lets_nobody_in(
    client, start_slapd, configure, wrong, way
):
    slapd = start_slapd(**wrong)
    slapd.add_person("kari")
    configure(slapd, servers=(getattr(slapd, way),))

    sign_in(client)

    assert not signed_in(client)


def test_when_the_directory_is_away_local_accounts_sign_in_and_others_are_told(
    client, slapd: Slapd, configure
):
    configure(slapd, servers=(f"ldap://127.0.0.1:{free_port()}",))
    UserFactory(username="root")

    answer = sign_in(client).content.decode()
    sign_in(client, "root", LOCAL_PASSWORD)

    assert "The hospital's directory does not answer" in answer
    assert REFUSED not in answer
    assert signed_in(client)


def test_tries_while_the_directory_is_away_lock_nobody_out_once_it_is_back(
    client, slapd: Slapd, configure
):
    configure(slapd, servers=(f"ldap://127.0.0.1:{free_port()}",))
    tries = settings.AXES_FAILURE_LIMIT + 1
    for _ in range(tries):
        sign_in(client)
    configure(slapd)

    sign_in(client)

    assert signed_in(client)
    assert AuditEvent.objects.filter(verb="sign_in_failed").count() == tries


def test_a_local_account_is_not_overwritten_and_its_password_is_not_sent_away(
    client, directory: Slapd
):
    UserFactory(username="Kari", first_name="Local")

    sign_in(client)
    by_directory = signed_in(client)
    sign_in(client, "Kari", LOCAL_PASSWORD)

    assert not by_directory
    assert signed_in(client)
    assert User.objects.get().first_name == "Local"
    assert not DirectoryPerson.objects.exists()


def test_a_local_password_of_somebody_of_the_directory_opens_nothing(client, directory: Slapd):
    sign_in(client)
    kari = User.objects.get()
    kari.set_password(LOCAL_PASSWORD)
    kari.save()
    client.logout()

    sign_in(client, password=LOCAL_PASSWORD)

    assert not signed_in(client)


def test_somebody_renamed_in_the_directory_keeps_the_account(client, directory: Slapd):
    sign_in(client)
    before = User.objects.get()
    client.logout()
    directory.admin.rename_s(KARI, "uid=kari2")

    sign_in(client, name="kari2")

    after = User.objects.get()
    assert (after.pk, after.username) == (before.pk, "kari2")


def test_somebody_new_under_an_old_user_name_does_not_get_the_old_account(
    client, directory: Slapd, caplog
):
    sign_in(client)
    client.logout()
    directory.admin.delete_s(KARI)
    directory.add_person("kari", "Kari", "En Annen")

    sign_in(client)

    assert not signed_in(client)
    assert User.objects.get().last_name == "Moen"
    assert "Another entry of the directory had this user name before" in caplog.text


def test_only_people_of_the_required_group_come_in(client, slapd: Slapd, configure):
    group = slapd.add_group("rdma")
    configure(slapd, required_group=group.upper())

    sign_in(client)
    before = signed_in(client)
    slapd.join(group, KARI)
    sign_in(client)

    assert not before
    assert signed_in(client)


def test_somebody_disabled_in_the_directory_does_not_come_in(client, directory: Slapd):
    directory.replace(KARI, "shadowExpire", "1")

    sign_in(client)

    assert not signed_in(client)


def test_somebody_switched_off_here_stays_out(client, directory: Slapd):
    sign_in(client)
    User.objects.update(is_active=False)

    is_out = client.get("/").status_code == 302
    again = Client()
    sign_in(again)

    assert is_out
    assert not signed_in(again)
    assert not User.objects.get().is_active


def test_whoever_guesses_is_locked_out_also_by_the_directory(client, directory: Slapd, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, password="something else")

    assert answer.status_code == 429
    assert "for the service desk" in answer.content.decode()
    assert sign_in(client).status_code == 429


def test_nobody_of_the_directory_changes_a_password_here(client, directory: Slapd):
    sign_in(client)

    page = client.get(reverse("password-change"))

    assert page.status_code == 403 or "hospital's directory" in page.content.decode()
    assert "old_password" not in page.content.decode()


def test_no_log_names_who_signs_in_or_their_password(client, directory: Slapd, caplog):
    caplog.set_level("DEBUG")

    sign_in(client)
    sign_in(client, password="a wrong one to look for")

    assert "kari" not in caplog.text
    assert "a wrong one to look for" not in caplog.text
    assert PASSWORD not in caplog.text
