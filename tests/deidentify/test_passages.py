"""What a series repeats is repeated at once; every image is still judged by its own bytes."""

import os
import signal
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from deidentify import folder_worker
from deidentify.errors import Refused
from deidentify.folder import deidentify_folder
from deidentify.outcomes import Settings, counts
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite, rewrite_into
from deidentify.walk import Walk
from tests.deidentify.samples import brain, identity, save


def image(number, **changes):
    return brain(SOPInstanceUID=f"1.2.3.4.1{number}", InstanceNumber=number, **changes)


def with_private(dataset, *, kept=True, creator="SIEMENS MR HEADER"):
    block = dataset.private_block(0x0019, creator, create=True)
    block.add_new(0x0E, "FD" if kept else "LO", 1.5 if kept else "Bjørnstad")
    if kept:
        block.add_new(0x0C, "IS", "1000")
    block.add_new(0xF0, "LO", "unknown")
    return dataset


def item(**elements):
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def a_series_with_every_surprise():
    """Images that differ where the ones before had the same bytes."""
    images = [with_private(image(number)) for number in range(1, 9)]
    images[3].StudyDescription = "MR hjerne for Åse Bjørnstad"
    images[4].SpecificCharacterSet = "ISO_IR 192"
    del images[5][0x0019, 0x100C]
    del images[5][0x0019, 0x100E]
    images[6].PatientName = "Bjørnstad^Åse Marie Sofie"
    for number, one in enumerate(images):
        one.RequestAttributesSequence = Sequence(
            [item(RequestedProcedureDescription="MR hjerne", RequestedProcedureID="R7")]
        )
        one.ReferencedImageSequence = Sequence(
            [
                item(ReferencedSOPClassUID=one.SOPClassUID, ReferencedSOPInstanceUID=f"1.2.9.{n}")
                for n in range(number, number + 3)
            ]
        )
        one.OperatorsName = "Lie^Per" if number % 3 else "Moe^Kari"
    images.append(with_private(image(9), kept=False))
    images.append(with_private(image(10), creator="ACME"))
    return images


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
@pytest.mark.parametrize("profile", ["research", "basic"])
def test_a_warm_plan_writes_what_a_fresh_one_writes(tmp_path, syntax, profile):
    sources = [
        save(one, tmp_path / f"{number:02}.dcm", syntax=syntax)
        for number, one in enumerate(a_series_with_every_surprise())
    ]
    warm = compile_plan(profile, identity=identity())
    for path in sources * 2:
        rewrite(path, tmp_path / "out", warm)

    for path in sources:
        fresh = rewrite(path, tmp_path / "fresh", compile_plan(profile, identity=identity()))
        again = rewrite(path, tmp_path / "warm", warm)

        assert again.digest == fresh.digest
        assert again.changed == fresh.changed


def test_the_third_image_of_a_series_is_mostly_passages(tmp_path, monkeypatch):
    plan = compile_plan("research", identity=identity())
    walks = []
    finish = Walk.data_set
    monkeypatch.setattr(
        Walk, "data_set", lambda walk, state: walks.append(walk) or finish(walk, state)
    )

    for number in (1, 2, 3):
        rewrite(save(image(number), tmp_path / f"{number}.dcm"), tmp_path / "out", plan)

    assert walks[-1].matched > len(walks[-1].window.header) * 0.8


def test_a_name_that_the_last_file_tells_is_cleaned_from_the_first(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    save(image(1, SeriesDescription="T1 v/ Møllhaug Torleif"), folder / "1.dcm")
    for number in range(2, 70):
        save(image(number), folder / f"{number}.dcm")
    save(image(70, OperatorsName="Møllhaug^Torleif"), folder / "z.dcm")

    for jobs in (1, 2):
        target = tmp_path / f"out{jobs}"
        settings = Settings("research", (), (), {"": identity()}, verify=False)
        results = deidentify_folder(folder, target, settings, jobs=jobs)

        assert counts(results)["written"] == 70
        assert len(list(target.rglob("*.dcm"))) == 70
        first = dcmread(target / results[0].target)
        assert first.SeriesDescription == "T1 v/"
    digests = [
        {path.name: path.read_bytes() for path in (tmp_path / f"out{jobs}").rglob("*.dcm")}
        for jobs in (1, 2)
    ]
    assert digests[0] == digests[1]


def test_files_that_share_a_uid_are_told_apart_in_every_process(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(1, 41):
        save(image(number), folder / f"a{number:02}.dcm")
    save(image(3), folder / "b1.dcm")  # the same once more
    save(image(5, SeriesDescription="another"), folder / "b2.dcm")

    for jobs in (1, 2):
        target = tmp_path / f"out{jobs}"
        settings = Settings("research", (), (), {"": identity()}, verify=True)
        results = deidentify_folder(folder, target, settings, jobs=jobs)

        assert counts(results) == {"written": 41, "held": 0, "rejected": 0, "duplicate": 1}
        assert sum(result.is_apart for result in results) == 2
        assert len(list(target.rglob("*"))) == 41 + 3, "nothing waits beside the files"


def test_only_the_file_that_kills_its_process_is_lost_and_named(tmp_path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(1, 31):
        save(image(number), folder / f"{number:02}.dcm")
    parent = os.getpid()

    def deadly(source, *args, **more):
        if source.name == "17.dcm" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return rewrite_into(source, *args, **more)

    monkeypatch.setattr(folder_worker, "rewrite_into", deadly)
    settings = Settings("research", (), (), {"": identity()}, verify=False)
    results = deidentify_folder(folder, tmp_path / "out", settings, jobs=2)

    assert counts(results) == {"written": 29, "held": 0, "rejected": 1, "duplicate": 0}
    assert next(one for one in results if one.source.name == "17.dcm").code == "unforeseen"


def test_references_inside_references_keep_right_lengths(tmp_path):
    """Items whose UID stands one sequence deeper: three lengths change with it."""

    def reference(number):
        inner = item(ReferencedSOPClassUID="1.2.3", ReferencedSOPInstanceUID=f"1.2.9.{number}")
        series = item(
            SeriesInstanceUID="1.2.8.1" * (number % 3 + 1), ReferencedSOPSequence=Sequence([inner])
        )
        return item(ReferencedSeriesSequence=Sequence([series]))

    plan = compile_plan("research", identity=identity())
    for start in range(0, 60, 20):
        one = image(1 + start)
        one.StudiesContainingOtherReferencedInstancesSequence = Sequence(
            [reference(start + n) for n in range(20)]
        )
        one.ReferencedImageSequence = Sequence(
            [
                item(
                    ReferencedSOPClassUID=one.SOPClassUID,
                    ReferencedSOPInstanceUID=f"1.2.{9 * 10 ** (n % 4)}.{start + n + 1000}",
                )
                for n in range(30)
            ]
        )
        rewrite(save(one, tmp_path / "in.dcm"), tmp_path / "out.dcm", plan)

        written = dcmread(tmp_path / "out.dcm")
        deep = [
            study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
            for study in written.StudiesContainingOtherReferencedInstancesSequence
        ]
        assert deep == [plan.new_uid(f"1.2.9.{start + n}") for n in range(20)]
        assert [one.ReferencedSOPInstanceUID for one in written.ReferencedImageSequence] == [
            plan.new_uid(f"1.2.{9 * 10 ** (n % 4)}.{start + n + 1000}") for n in range(30)
        ]


SURPRISES = {
    3: "1.2.840.10008.1.2.4.50",  # the standard's own
    40: "1.2.840.10008." + "7" * 27,  # its root, and an instance
    130: "1.2.3.4." + "5" * 33 + "\\1.2." + "6" * 20,
    149: "",
}


def referring_to(uids, path, syntax="1.2.840.10008.1.2.1"):
    """An image with a reference for each; one of them is to another class."""
    one = image(1)
    one.ReferencedImageSequence = Sequence(
        [
            item(
                ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.4" if n != 60 else "1.2.3",
                ReferencedSOPInstanceUID=uid,
            )
            for n, uid in enumerate(uids)
        ]
    )
    return save(one, path, syntax=syntax)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
def test_many_references_become_what_each_becomes_alone(tmp_path, syntax):
    """Those that are alike go at once, whatever stands among them."""
    plan = compile_plan("research", identity=identity())

    def written(uids):
        rewrite(referring_to(uids, tmp_path / "in.dcm", syntax), tmp_path / "out.dcm", plan)
        kept = dcmread(tmp_path / "out.dcm").ReferencedImageSequence
        return [str(reference.ReferencedSOPInstanceUID) for reference in kept]

    uids = [SURPRISES.get(n, f"1.2.3.4.5.6.{10**21 + n * 10 ** (n % 3 + 3)}") for n in range(200)]

    together = written(uids)

    assert together == [written([uid])[0] for uid in uids]
    plain = [new for n, new in enumerate(together) if n not in SURPRISES]
    assert all(new.startswith("2.25.") for new in plain)
    assert len(set(plain)) == len(plain)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize("bad", ["1.2.3..4.", "1.2.3.A.4.", ".1.2.3.4.", "1.2.3.\n4."])
def test_one_bad_uid_among_many_references_refuses_the_file(tmp_path, bad):
    plan = compile_plan("research", identity=identity())
    uids = [f"1.2.3.4.5.6.{10**21 + n}" for n in range(50)]
    rewrite(referring_to(uids, tmp_path / "in.dcm"), tmp_path / "out.dcm", plan)
    uids[33] = bad.ljust(len(uids[0]), "5")

    with pytest.raises(Refused, match="ReferencedSOPInstanceUID"):
        rewrite(referring_to(uids, tmp_path / "in.dcm"), tmp_path / "out.dcm", plan)


def test_a_file_where_a_series_folder_belongs_takes_no_image_out_of_the_counts(tmp_path):
    folder, target = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(1, 4):
        save(image(number), folder / f"{number}.dcm")
    settings = Settings("research", (), (), {"": identity()}, verify=False)
    place = Path(deidentify_folder(folder, tmp_path / "before", settings)[0].target).parent
    (target / place.parent).mkdir(parents=True)
    (target / place).write_text("somebody's file")

    results = deidentify_folder(folder, target, settings)

    assert counts(results) == {"written": 0, "held": 0, "rejected": 3, "duplicate": 0}


def test_one_of_two_that_share_a_place_is_written_when_the_other_falls_away(tmp_path, monkeypatch):
    """The first is taken again with a name that only the last tells, and cannot be read then."""
    folder = tmp_path / "in"
    folder.mkdir()
    save(image(1), folder / "1.dcm")
    save(image(1, SeriesDescription="another"), folder / "2.dcm")
    save(image(3, OperatorsName="Møllhaug^Torleif"), folder / "3.dcm")
    seen = []

    def failing(source, *args, **more):
        seen.append(source.name)
        if seen.count("1.dcm") > 1 and source.name == "1.dcm":
            raise OSError(5, "Input/output error")
        return rewrite_into(source, *args, **more)

    monkeypatch.setattr(folder_worker, "rewrite_into", failing)
    settings = Settings("research", (), (), {"": identity()}, verify=False)
    results = deidentify_folder(folder, tmp_path / "out", settings)

    assert counts(results) == {"written": 2, "held": 0, "rejected": 1, "duplicate": 0}
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 2


def with_unread_sequence(number, text):
    """An image whose private sequence was stored as UN, behind an element that always differs."""
    dataset = image(number)
    inside = text.encode().ljust(16)
    element = b"\x19\x00\x11\x10" + len(inside).to_bytes(4, "little") + inside
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", str(number))
    block.add_new(0x0E, "UN", b"\xfe\xff\x00\xe0" + len(element).to_bytes(4, "little") + element)
    return dataset


@pytest.fixture
def at_most_ten_seconds():
    """An end for what would go round for ever, in processor time."""

    def end(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, 10)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.usefixtures("at_most_ten_seconds")
def test_an_element_that_is_judged_anew_each_time_may_begin_a_passage_and_then_differ(tmp_path):
    texts = ["alike", "alike", "alike", "another", "Bjørnstad", "alike"]
    sources = [
        save(with_unread_sequence(number, text), tmp_path / f"{number}.dcm")
        for number, text in enumerate(texts, 1)
    ]
    plan = compile_plan("research", identity=identity(), options=["retain-safe-private"])

    for source in sources:
        rewrite(source, tmp_path / "warm.dcm", plan)
        fresh = compile_plan("research", identity=identity(), options=["retain-safe-private"])
        rewrite(source, tmp_path / "fresh.dcm", fresh)

        assert (tmp_path / "warm.dcm").read_bytes() == (tmp_path / "fresh.dcm").read_bytes()
