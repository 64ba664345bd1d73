"""What a lost master key costs, what it does not, and what its shares bring back.

docs/operations.md, "A lost master key", says what these tests prove.
"""

import pydicom
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from exports.models import Package
from exports.signing import is_signed, public_key_pem, sign
from projects import keyring
from projects.errors import KeyUnavailable
from projects.keys.__main__ import main
from projects.storage import storage
from rdma.audit import check_audit
from tests.factories import PASSWORD
from tests.rdma.keys.written import NEW, READINGS, build, give_keys, read
from tests.transfers.arrange import quarantine

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path):
    yield build(tmp_path / "first")
    keyring.forget()


def test_without_the_master_key_the_coupling_is_gone_and_what_was_made_stays(
    house, settings, tmp_path, client
):
    manifest, signature = b"what its manifest says", sign(b"what its manifest says")
    pem = public_key_pem()
    counted = house.run.outcomes.filter(state="delivered").count()
    give_keys(settings, now=NEW)

    lost = READINGS.keys() - read(house).keys()

    assert lost == READINGS.keys()
    with pytest.raises(KeyUnavailable, match="RDMA_MASTER_KEY"):
        quarantine(tmp_path / "first", house.desk.kari)
    with pytest.raises(CommandError, match="Not everything opens"):
        call_command("keys", "check")
    assert client.get(reverse("readyz")).status_code == 503

    outcomes = house.run.outcomes.filter(state="delivered")
    headers = [pydicom.dcmread(storage().path(one.key)) for one in outcomes]
    assert {header.PatientID for header in headers} == {"BICAM_0001"}
    assert len(headers) == counted == 2
    assert storage().exists(Package.objects.get(pk=house.package).key)
    assert is_signed(manifest, signature, pem)
    assert check_audit(with_key=False).is_intact


def test_without_the_master_key_nobody_signs_in_and_who_is_signed_in_reads_what_stays(
    house, settings, client
):
    """Signing in is recorded, and the record needs a key: nothing happens that is not recorded."""
    client.force_login(house.desk.kari)
    give_keys(settings, now=NEW)

    for page in ("home", "project-list", "transfer-list"):
        assert client.get(reverse(page)).status_code == 200
    for page in ("review", "project-people"):
        assert client.get(reverse(page, args=["BICAM"])).status_code == 200
    typed = {"username": house.desk.kari.username, "password": PASSWORD}
    with pytest.raises(KeyUnavailable, match="RDMA_MASTER_KEY"):
        Client().post(reverse("sign-in"), typed)


def test_three_shares_bring_everything_back(house, settings, tmp_path):
    before = read(house)
    call_command("keys", "escrow", "--to", str(tmp_path / "shares"))
    give_keys(settings, now=NEW)
    files = [str(tmp_path / f"shares/share-{number}.txt") for number in (5, 1, 4)]

    main([*files, "--to", str(tmp_path / "key")])
    give_keys(settings, now=(tmp_path / "key").read_text())

    assert read(house) == before
