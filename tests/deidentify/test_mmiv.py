"""mmiv-2019: UIDs and digests as the existing installation writes them."""

import pytest

from deidentify import mmiv
from deidentify.errors import UnknownProfile
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity

ROOT = "1.3.6.1.4.1.45037."
STUDY, SERIES = 0x0020000D, 0x0020000E


def uid(original, tag, era="era-2024"):
    return mmiv.new_uid(original.encode(), tag, "PROJ", era).decode()


@pytest.mark.parametrize(
    ("original", "tag", "era", "digits"),
    [
        ("1.2.3.4.5.67", STUDY, "era-2024", "226335921231143510083255064530929156271577514"),
        ("1.2.3.4.5.678", STUDY, "era-2024", "034476188734055629211551132000252067050159136"),
        ("1.2.3.4.5.678.1", SERIES, "era-2024", "200273164251262511920821311835819971691193063"),
        ("1.2.3.4.5.67", STUDY, "era-2021", "2c6d359cbcdb143fb008d25fa6e5d0929bf6c7bf7751e"),
    ],
)
def test_uids_equal_the_installations_vectors(original, tag, era, digits):
    assert uid(original, tag, era) == ROOT + digits


def test_the_first_era_has_no_root_and_the_third_no_padding():
    assert len(uid("1.2.3.4.5.67", STUDY, "era-2019")) == 64
    assert uid("1.2.3.4.5.678", STUDY, "era-2023") == uid("1.2.3.4.5.678", STUDY)
    assert uid("1.2.3.4.5.678", SERIES, "era-2023") != uid("1.2.3.4.5.678", SERIES)


def test_accession_number_and_study_id_equal_the_vectors():
    accession = mmiv.hashed(b"ACC1234 ", "PROJ", 0x00080050, "era-2024")
    study = mmiv.hashed(b"1.2.3.4.5.67", "PROJ", 0x00200010, "era-2024")

    assert accession == b"3148494085195970"
    assert study == b"2263359212311435"


def test_an_era_is_an_option_and_others_are_refused():
    plan = compile_plan("mmiv-2019", identity=identity(project="PROJ"), options=["era-2021"])

    assert plan.profile.era == "era-2021"
    assert plan.days == 42
    with pytest.raises(UnknownProfile):
        compile_plan("mmiv-2019", identity=identity(), options=["full-dates"])
    with pytest.raises(UnknownProfile):
        compile_plan("research", identity=identity(), options=["era-2021"])
