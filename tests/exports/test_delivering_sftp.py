"""Packages to a real sshd: known by its key, resumed, read back, never written over."""

import pytest

from exports.actions.deliveries import deliver
from exports.delivering import sftp
from exports.models import Delivery, PackageDestination
from exports.states import DeliveryProof, DeliveryState, DestinationKind
from tests.exports.ready import destination_for, file_of, noise, ready_package, turn

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.DELIVERY_HOSTS = ["127.0.0.1"]


@pytest.fixture
def package(project, owner):
    return ready_package(project, owner, noise(3 * MEGABYTE + 17))


def server(project, sshd, **columns) -> PackageDestination:
    facts = {
        "port": sshd.port,
        "account": sshd.account,
        "secret": sshd.private_key,
        "host_key": sshd.host_key,
        "place": str(sshd.folder),
    }
    return destination_for(project, DestinationKind.SFTP, **(facts | columns))


def test_package_arrives_under_its_name_and_is_read_back(project, owner, package, sshd):
    delivery = deliver(by=owner, package=package, destination=server(project, sshd))

    turn(delivery)

    assert (delivery.state, delivery.reason) == (DeliveryState.DELIVERED, "")
    assert delivery.proof == DeliveryProof.READ_BACK
    assert sshd.names() == [package.file_name]
    assert (sshd.folder / package.file_name).read_bytes() == file_of(package).read_bytes()


def test_upload_goes_on_where_it_was_broken_off(project, owner, package, sshd, monkeypatch):
    delivery = deliver(by=owner, package=package, destination=server(project, sshd))
    beside = sshd.folder / f"{package.file_name}.{package.sha256[:16]}.part"
    beside.write_bytes(file_of(package).read_bytes()[: 2 * MEGABYTE])
    starts = []
    pieces = sftp.Shipment.pieces
    monkeypatch.setattr(
        sftp.Shipment, "pieces", lambda self, start: starts.append(start) or pieces(self, start)
    )

    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert starts == [2 * MEGABYTE]
    assert (sshd.folder / package.file_name).read_bytes() == file_of(package).read_bytes()


def test_damaged_beginning_is_found_when_it_is_read_back(project, owner, package, sshd):
    delivery = deliver(by=owner, package=package, destination=server(project, sshd))
    beside = sshd.folder / f"{package.file_name}.{package.sha256[:16]}.part"
    beside.write_bytes(bytes(MEGABYTE))

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert "is not what was sent" in delivery.reason
    assert sshd.names() == []


def test_worker_that_was_killed_after_the_renaming_sends_nothing_twice(
    project, owner, package, sshd
):
    delivery = deliver(by=owner, package=package, destination=server(project, sshd))
    final = sshd.folder / package.file_name
    final.write_bytes(file_of(package).read_bytes())
    final.chmod(0o400)
    written_at = final.stat().st_mtime_ns

    turn(delivery)

    assert delivery.state == DeliveryState.DELIVERED
    assert final.stat().st_mtime_ns == written_at


def test_file_of_somebody_else_is_not_written_over(project, owner, package, sshd):
    delivery = deliver(by=owner, package=package, destination=server(project, sshd))
    (sshd.folder / package.file_name).write_bytes(b"theirs")

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert "Nothing was written over it" in delivery.reason
    assert (sshd.folder / package.file_name).read_bytes() == b"theirs"


@pytest.mark.parametrize("key_type", ["ed25519", "rsa", "ecdsa"])
def test_server_with_another_key_is_sent_nothing_not_even_the_password(
    key_type, project, owner, package, start_sshd
):
    expected, other = start_sshd(), start_sshd(key_type=key_type)
    destination = server(project, other, host_key=expected.host_key, secret="a password")
    delivery = deliver(by=owner, package=package, destination=destination)

    turn(delivery)

    assert delivery.state == DeliveryState.FAILED
    assert "another key than the one it is known by" in delivery.reason
    assert other.names() == []


@pytest.mark.parametrize("key_type", ["rsa", "ecdsa"])
def test_other_kinds_of_host_keys_are_known_too(key_type, project, owner, package, start_sshd):
    sshd = start_sshd(key_type=key_type)
    scanned = f"[127.0.0.1]:{sshd.port} {sshd.host_key}"
    destination = server(project, sshd, host_key=scanned, reads_back=False)

    delivery = turn(deliver(by=owner, package=package, destination=destination))

    assert (delivery.state, delivery.proof) == (DeliveryState.DELIVERED, DeliveryProof.SIZE)


def test_server_that_is_away_is_waited_for(project, owner, package, start_sshd):
    sshd = start_sshd()
    destination = server(project, sshd, port=1)
    delivery = deliver(by=owner, package=package, destination=destination)

    for _ in range(7):  # more often than anything poisonous is tried
        turn(delivery)
    waiting = (delivery.state, delivery.reason)
    PackageDestination.objects.update(port=sshd.port)
    turn(delivery)

    assert waiting == (DeliveryState.SENDING, f"{destination} cannot be reached.")
    assert delivery.state == DeliveryState.DELIVERED


def test_account_that_is_not_let_in_and_a_folder_that_is_not_there_are_said(
    project, owner, package, sshd, tmp_path, start_sshd
):
    stranger = start_sshd().private_key
    destination = server(project, sshd, secret=stranger)
    refused = turn(deliver(by=owner, package=package, destination=destination))
    PackageDestination.objects.update(secret=sshd.private_key, place=str(tmp_path / "nowhere"))
    nowhere = turn(deliver(by=owner, package=package, destination=destination))

    assert refused.reason.endswith("does not let this account in.")
    assert nowhere.reason == "The folder is not on the server."
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.FAILED}


def test_what_is_no_key_is_refused_in_a_sentence():
    with pytest.raises(sftp.TransferError, match="no public key"):
        sftp.read_host_key("ssh-ed25519 bm8ga2V5")
    with pytest.raises(sftp.TransferError, match="private key cannot be read"):
        sftp.read_private_key("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing\n")
