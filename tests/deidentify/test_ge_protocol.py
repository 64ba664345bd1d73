"""GE's compressed protocol is opened, cleaned inside and closed; its gzip header always goes."""

import gzip
import io
import random
import zlib

from deidentify.clean import Cleaner
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity

KNOWN = {
    ("name", "Bjørnstad^Åse Marie".encode("latin-1"), b"ISO_IR 100"),
    ("identifier", b"13836033390", b""),
}
UID = b"1.2.840.113820.3.1109952946424919.1485807090146990.42"
TEXT = b'POSITION "Supine"\nSEDESC "%b"\nPDGMUID "%b"\nMULTIBVALUE "1000.0;"\n'


def block(text, name="Ex27018Ser4Rx"):
    file = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=file, mtime=1_530_000_000) as packed:
        packed.write(text)
    return len(file.getvalue()).to_bytes(4, "little") + file.getvalue()


def opened(value):
    assert int.from_bytes(value[:4], "little") == len(value) - 4
    return gzip.decompress(value[4:])


def cleaner():
    plan = compile_plan(identity=identity())
    return Cleaner(plan, KNOWN), plan


def test_the_protocol_stays_and_what_identifies_goes():
    clean, plan = cleaner()

    new = clean.protocol(block(TEXT % ("Axial for Åse Bjørnstad".encode("latin-1"), UID)))

    assert opened(new) == TEXT % (b"Axial for", plan.uid_bytes(UID))
    assert b"Ex27018" not in new


def test_a_protocol_that_holds_nothing_loses_its_gzip_header_alone():
    clean, _ = cleaner()
    text = b'POSITION "Supine"\nTE "30.0"\n'

    new = clean.protocol(block(text))

    assert opened(new) == text
    assert new[4:14] == b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
    assert new == clean.protocol(block(text, "Ex1Ser2"))


def test_a_description_is_cleaned_even_of_what_nobody_knew():
    clean, _ = cleaner()

    new = clean.protocol(block(TEXT % (b"FSE ring tlf 55 97 50 00", b"0")))

    assert b"97 50" not in opened(new)
    assert b'SEDESC "FSE ring' in opened(new)


def test_bytes_behind_the_stream_do_not_go_along():
    clean, _ = cleaner()

    new = clean.protocol(block(b'TE "30.0"\n') + "Bjørnstad".encode("latin-1") + b"\0\0\0")

    assert opened(new) == b'TE "30.0"\n'


def test_damage_ends_in_a_protocol_or_in_nothing():
    clean, _ = cleaner()
    good = block(TEXT % ("for Åse Bjørnstad".encode("latin-1"), UID) * 20)
    chance = random.Random(11)

    for _ in range(1000):
        bad = bytearray(good)
        for _ in range(3):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        new = clean.protocol(bytes(bad[: chance.randrange(1, len(bad) + 1)]))
        left = zlib.decompressobj(31).decompress(new[4:]) if new else b""
        assert b"Bj\xf8rnstad" not in left
        assert b"Ex27018" not in new
