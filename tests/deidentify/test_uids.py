"""UIDs that become others, and those that stay."""

import hmac
import re
import uuid

import pytest
from pydicom import dcmread
from pydicom._uid_dict import UID_dictionary

from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.uids import (
    CODING_SCHEMES,
    LONGEST_OTHER,
    KeyedUids,
    is_usable,
    is_well_known,
    names_a_class,
)
from tests.deidentify.samples import brain, identity, save

KEY = b"k" * 32


def test_a_keyed_uid_is_drawn_by_hmac_sha_256():
    number = int(KeyedUids(KEY).of(b"1.2.3", b"x").removeprefix(b"2.25."))
    version_and_variant = 0xF << 76 | 0x3 << 62

    expected = int.from_bytes(hmac.digest(KEY, b"1.2.3\0x", "sha256")[:16], "big")

    assert number | version_and_variant == expected | version_and_variant


def test_a_keyed_uid_is_a_version_8_uuid_under_root_2_25():
    uid = KeyedUids(KEY).of(b"1.2.3").decode()

    assert re.fullmatch(r"2\.25\.[1-9]\d*", uid)
    assert len(uid) <= 64
    assert uuid.UUID(int=int(uid.removeprefix("2.25."))).version == 8


def test_the_same_uid_becomes_the_same_and_another_key_gives_another():
    assert KeyedUids(KEY).of(b"1.2.3") == KeyedUids(KEY).of(b"1.2.3")
    assert KeyedUids(KEY).of(b"1.2.3") != KeyedUids(b"x" * 32).of(b"1.2.3")


def test_instances_kept_apart_get_uids_of_their_own():
    assert len({KeyedUids(KEY).of(b"1.2.3", apart) for apart in (b"", b"a", b"b")}) == 3


@pytest.mark.parametrize(
    "uid",
    [
        b"1.2.840.10008.1.2",
        b"1.2.840.10008.5.1.4.1.1.4",
        b"1.2.840.10008.6.1.1372",
        b"2.16.840.1.113883.6.96",
        b"2.16.840.1.113883.6.256",
        b"2.16.840.1.113883.6.43.1",
        b"1.0.639.2",
    ],
)
def test_well_known_uids_stay(uid):
    assert is_well_known(uid)
    assert compile_plan(identity=identity()).new_uid(uid.decode()) == uid.decode()


def test_a_uid_under_a_vendors_root_is_not_well_known():
    assert not is_well_known(b"1.2.840.100080.1")


@pytest.mark.parametrize(
    "uid",
    [
        b"1.2.840.10008.1.20240312.101500",
        b"1.2.840.10008.13836033390",
        b"1.2.840.10008.",
        b"1.2.840.10008.Hansen",
        b"2.16.840.1.113883.6.13836033390",
        b"2.16.840.1.113883.3.72.5.9",
    ],
)
def test_an_instance_below_a_root_that_is_not_its_own_is_not_well_known(uid):
    assert not is_well_known(uid)


def test_every_uid_that_dicom_registers_is_well_known():
    registered = [uid for uid, facts in UID_dictionary.items() if facts[1] != "LDAP OID"]

    assert len(registered) > 400
    assert [uid for uid in registered if not is_well_known(uid.encode())] == []


@pytest.mark.parametrize(
    ("uid", "usable"),
    [
        (b"1.2.3", True),
        (b"1." + b"2" * 63, False),
        (b"1.2.a", False),
        (b"", False),
        (b"1..2", False),
    ],
)
def test_uids_with_letters_or_over_64_characters_cannot_be_used(uid, usable):
    assert is_usable(uid) is usable


def test_another_participant_and_another_project_give_other_uids():
    first = compile_plan(identity=identity())
    second = compile_plan(identity=identity(secret=b"z" * 32))

    assert first.new_uid("1.2.3") != second.new_uid("1.2.3")


@pytest.mark.parametrize(
    "uid",
    [b"1.2.840.113619.4.26", b"1.3.46.670589.11.0.0.12.2", b"1.2.392.200036.9116.7.8.1.1.1"],
)
def test_a_registered_class_looks_like_one(uid):
    assert names_a_class(uid)


@pytest.mark.parametrize(
    "uid",
    [
        b"1.2.826.0.1.3680043.8.498.45787841905188114249328481206",
        b"1.3.12.2.1107.5.2.43.66012.2018091814225873",
        b"2.25.329800735698586629295641978511506172918",
        b"2.25.1.2.3.4",
        b"1.2.3",
    ],
)
def test_an_instance_among_classes_does_not(uid):
    assert not names_a_class(uid)


def test_an_instance_in_an_element_of_classes_is_replaced(tmp_path):
    source = save(
        brain(ContextUID="1.2.840.10008.6.1.907", MappingResourceUID="1.2.77.20180918142258.4.5"),
        tmp_path / "source.dcm",
    )
    target = tmp_path / "target.dcm"

    rewrite(source, target, compile_plan(identity=identity()))

    after = dcmread(target)
    assert after.ContextUID == "1.2.840.10008.6.1.907"
    assert after.MappingResourceUID.startswith("2.25.")


def test_no_well_known_uid_outside_dicoms_root_is_long():
    assert max(map(len, CODING_SCHEMES)) <= LONGEST_OTHER
    assert is_well_known(b"2.16.840.1.113883.12.1234.1234")
    assert len(b"2.16.840.1.113883.12.1234.1234") <= LONGEST_OTHER
