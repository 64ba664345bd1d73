"""What values look like to somebody who knows no patient; all names are invented."""

import pytest

from deidentify.inventory_texts import texts_in
from deidentify.looks import LOOKS, looks_of

NAMES = [
    "Kari Nordheim",
    "NORDHEIM^KARI",
    "Vestrheim, Torbjørn",
    "Olav Vikesdal",
    "phoned by Solveig Mo about implant",
    "configured by J. Tennfjord",
    "MR HEAD for Per Sundal",
    "build by thorsen_marit",
    "KariNordheim",
    "Wojciech Malinowski",
    "Magnhild Tveitereid",
    "SMITH JOHN",
    "Fatima Al-Hassani",
    "henvist av Bergsvik",
]
NO_NAMES = [
    "",
    "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC",
    "Axial EPI-FMRI (Interleaved I to S)",
    "ep2d_fid_weisskoff_25slc",
    "GE MEDICAL SYSTEMS",
    "MAGNETOM Vida",
    "Retain Patient Characteristics Option",
    "syngo MR 2006T 4VB12T",
    "Series #1 Average CTDIvol=45.2",
    "Sag>Cor(-0.9)>Tra(0.5)",
    "T1 TSE SAG",
    "Head Neck 20",
    "SRMode=200\\GCoilType=8\\DerateGrad=Yes",
    "1.2.840.10008.5.1.4.1.1.4",
]


@pytest.mark.parametrize("text", NAMES)
def test_names_look_like_names(text):
    assert "N" in looks_of(text)


@pytest.mark.parametrize("text", NO_NAMES)
def test_protocols_and_terms_do_not_look_like_names(text):
    assert "N" not in looks_of(text)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("fnr 13836033390", "I"),
        ("reply to kari@example.org", "M"),
        ("tlf 22 33 44 55", "T"),
        ("Storgata 12, 5003 Bergen", "A"),
        ("seen at Haukeland", "H"),
        ("scan of 2023-11-25", "D"),
        (r"C:\Users\kno\scan.txt", "U"),
        ("NRA240312007", "C"),
        ("Nordheim", "P"),
        ("64 bytes, sha256 0123456789abcdef; in it: Kari Nordheim", "B"),
    ],
)
def test_what_identifies_is_recognised(text, letter):
    assert letter in LOOKS
    assert letter in looks_of(text)


def test_a_digest_alone_looks_like_nothing():
    assert looks_of("64 bytes, sha256 0123456789abcdef") == ""


def test_only_runs_that_may_name_somebody_are_told_of_bytes():
    vendor = b"\x01\x02Array Dev\x00\x00NumberOfImages\x00YES\x00" + bytes(40)

    assert texts_in(vendor) == ""
    assert texts_in(vendor + b"by Kari Nordheim\x00") == "; in it: by Kari Nordheim"
    assert texts_in(vendor + "tegnet av Åse Bergøy".encode("latin-1")).endswith("Åse Bergøy")
