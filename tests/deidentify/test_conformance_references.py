"""References that an output gains astray, and images of a study that stop agreeing, are found."""

import pytest
from pydicom import dcmread

from deidentify.conformance import Agreement, ConformanceCheck
from tests.datasets import new_uid, write
from tests.deidentify.test_conformance_check import image


class TestReferences:
    """References of three images to each other, and to one that is not in the transfer."""

    @pytest.fixture
    def study(self, tmp_path):
        uids = {old: f"2.25.{number}" for number, old in enumerate(("1.2.3.1", "1.2.3.2"), 5)}
        study, series = new_uid(), new_uid()
        pairs = []
        for old, new in uids.items():
            dataset = image(SOPInstanceUID=old, StudyInstanceUID=study, SeriesInstanceUID=series)
            dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.3.1"
            source = write(dataset, tmp_path / f"{old}.dcm")
            dataset.SOPInstanceUID = new
            dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = uids["1.2.3.1"]
            pairs.append((source, dataset))
        return pairs, {old.encode(): {new.encode()} for old, new in uids.items()}

    def found(self, study, *, new, old="1.2.3.1"):
        pairs, outputs = study
        source, dataset = pairs[1]
        dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = new
        target = write(dataset, source.with_suffix(".ours"))
        if old != "1.2.3.1":
            original = dcmread(source)
            original.ReferencedImageSequence[0].ReferencedSOPInstanceUID = old
            original.save_as(source)
        return ConformanceCheck(outputs=outputs).examine(source, target)

    def test_one_that_follows_is_no_finding(self, study):
        assert self.found(study, new="2.25.5") == []

    def test_one_that_points_nowhere_is_found(self, study):
        (finding,) = self.found(study, new="2.25.77")

        assert (finding.kind, finding.path) == ("reference", "(0008,1140)[0](0008,1155)")
        assert "2.25" not in finding.sentence

    def test_one_that_points_to_another_output_is_found(self, study):
        assert [one.kind for one in self.found(study, new="2.25.6")] == ["reference"]

    def test_one_that_still_points_to_the_original_is_found(self, study):
        assert [one.kind for one in self.found(study, new="1.2.3.1")] == ["reference"]

    def test_one_that_pointed_outside_may_point_outside(self, study):
        assert self.found(study, old="1.9.9", new="2.25.99") == []

    @pytest.mark.parametrize("new", ["1.2.3.1", "2.25.5"])
    def test_one_that_pointed_outside_may_not_point_inside(self, study, new):
        assert [one.kind for one in self.found(study, old="1.9.9", new=new)] == ["reference"]

    def test_an_output_under_another_uid_than_was_written_down_is_found(self, study):
        pairs, outputs = study
        source, dataset = pairs[0]
        dataset.SOPInstanceUID = "2.25.1234"
        target = write(dataset, source.with_suffix(".ours"))

        found = ConformanceCheck(outputs=outputs).examine(source, target)

        assert ("reference", "(0008,0018)") in [(one.kind, one.path) for one in found]


class TestAgreement:
    """Three images of one series, whose originals agree."""

    @pytest.fixture
    def pairs(self, tmp_path):
        uids = {name: new_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID")} | {
            "FrameOfReferenceUID": new_uid()
        }
        pairs = []
        for number in range(3):
            dataset = image(InstanceNumber=number, **uids)
            source = write(dataset, tmp_path / f"{number}.dcm")
            dataset.PatientID = dataset.PatientName = "BICAM_1"
            pairs.append((source, dataset))
        return pairs

    def differing(self, pairs, check=None, **how):
        check = check or ConformanceCheck(outputs={})
        targets = [
            (source, write(dataset, source.with_suffix(".ours"))) for source, dataset in pairs
        ]
        for source, target in targets:
            assert check.examine(source, target) == []
        if not check.agreement.is_broken:
            return []
        return [
            [one.path for one in check.compare(source, target, **how)] for source, target in targets
        ]

    def test_images_that_agree_are_no_finding(self, pairs):
        assert self.differing(pairs) == []

    @pytest.mark.parametrize(
        ("keyword", "value", "path"),
        [
            ("PatientID", "BICAM_2", "(0010,0020)"),
            ("PatientName", "BICAM_2", "(0010,0010)"),
            ("PatientSex", "M", "(0010,0040)"),
            ("PatientBirthDate", "19600101", "(0010,0030)"),
            ("StudyDate", "20200101", "(0008,0020)"),
            ("StudyTime", "111111", "(0008,0030)"),
            ("StudyID", "77", "(0020,0010)"),
            ("AccessionNumber", "", "(0008,0050)"),
            ("SeriesNumber", 9, "(0020,0011)"),
            ("Modality", "MR", "(0008,0060)"),
        ],
    )
    def test_the_one_that_differs_is_found(self, pairs, keyword, value, path):
        setattr(pairs[1][1], keyword, value)

        assert self.differing(pairs) == [[], [path], []]

    @pytest.mark.parametrize(
        ("keyword", "path"),
        [
            ("StudyInstanceUID", "(0020,000D)"),
            ("SeriesInstanceUID", "(0020,000E)"),
            ("FrameOfReferenceUID", "(0020,0052)"),
        ],
    )
    def test_a_study_a_series_and_a_frame_of_reference_stay_one(self, pairs, keyword, path):
        setattr(pairs[2][1], keyword, "2.25.88")

        assert all(path in found for found in self.differing(pairs))

    def test_two_frames_of_reference_stay_two(self, pairs, tmp_path):
        other = image(FrameOfReferenceUID="1.2.3.9", SeriesInstanceUID="1.2.3.8")
        source = write(other, tmp_path / "other.dcm")
        other.FrameOfReferenceUID = pairs[0][1].FrameOfReferenceUID

        assert all("(0020,0052)" in found for found in self.differing([*pairs, (source, other)]))

    def test_of_two_halves_nobody_is_taken_to_be_right(self, pairs):
        pairs[1][1].PatientID = "BICAM_2"

        assert self.differing(pairs[:2]) == [["(0010,0020)"], ["(0010,0020)"]]

    def test_where_some_have_left_nobody_is_taken_to_be_right(self, pairs):
        pairs[1][1].PatientID = "BICAM_2"

        assert self.differing(pairs, spare_most=False) == [["(0010,0020)"]] * 3

    def test_originals_that_disagreed_may_go_on(self, pairs):
        for number, (source, dataset) in enumerate(pairs[:2]):
            original = dcmread(source)
            original.StudyID = dataset.StudyID = str(number)
            original.save_as(source)

        assert self.differing(pairs) == []

    def test_another_worker_goes_on_with_what_was_told(self, pairs):
        pairs[2][1].PatientID = "BICAM_2"
        first = ConformanceCheck(outputs={})
        assert self.differing(pairs[:2], first) == []

        second = ConformanceCheck(
            outputs={}, agreement=Agreement.from_data(first.agreement.as_data())
        )

        assert self.differing(pairs[2:], second) == [["(0010,0020)"]]
