"""What stands in a clean output by chance is no finding: half words, samples, other names."""

from tests.deidentify.leak_cases import Case, clean_dataset, source_dataset


def test_one_syllable_of_a_name_is_not_sought_as_two_bytes(tmp_path):
    source = source_dataset()
    source.SpecificCharacterSet = "ISO_IR 192"
    source.OtherPatientNames = "Hong^Gildong=洪^吉洞=홍^길동"
    output = clean_dataset()
    output.SeriesDescription = "Modified Dates, motion"

    found = Case(tmp_path, source).examine(output)

    assert found == []


def test_a_whole_name_in_its_script_is_found(tmp_path):
    source = source_dataset()
    source.SpecificCharacterSet = "ISO_IR 192"
    source.OtherPatientNames = "Hong^Gildong=洪^吉洞=홍^길동"
    output = clean_dataset()
    output.SpecificCharacterSet = "ISO_IR 192"
    output.SeriesDescription = "FLAIR 길동 T2"

    found = Case(tmp_path, source).examine(output)

    assert {(one.kind, one.path) for one in found} == {("name", "(0008,103E)")}


def test_three_letters_among_the_samples_of_a_waveform_are_chance(tmp_path):
    samples = (bytes(range(128, 224)) * 60)[:5000]
    output = clean_dataset()
    output.add_new(0x54001010, "OW", samples + b"\x00\xc5SE\x00\x00" + samples)
    output.add_new(0x54001012, "OW", b"\x00\x00Bj\xf8rnstad\x00")

    found = Case(tmp_path).examine(output)

    assert {one.path for one in found} == {"(5400,1012)"}


def test_the_name_of_an_ethics_committee_is_no_identifier(tmp_path):
    source = source_dataset()
    source.ClinicalTrialProtocolEthicsCommitteeName = "REK sor-ost C2"
    source.ClinicalTrialProtocolEthicsCommitteeApprovalNumber = "2019/1234"
    output = clean_dataset()
    output.SeriesDescription = "REK sor-ost C2"
    output.ProtocolName = "T1 2019/1234"

    found = Case(tmp_path, source).examine(output)

    assert {(one.kind, one.path) for one in found} == {("identifier", "(0018,1030)")}
