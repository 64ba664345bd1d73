"""Files that lie about themselves or come at a bad moment, and what must not stay behind."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from deidentify.beyond import Allowance, Item, Reader
from deidentify.beyond.content import Content
from deidentify.beyond.items import Unread
from projects.roles import Role
from review import checking, checking_end
from review.actions.checks import add_to_check, begin_check, close_check
from review.check_files import files_of, folder_of, write_file
from review.models import Check, CheckState
from review.tallies import Tally
from tests.factories import ProjectFactory, UserFactory
from tests.review.foreign import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> Any:
    """Somebody who reviews in some project."""
    user = UserFactory(username="kari")
    ProjectFactory(acronym="BICAM", members={user: Role.RESEARCHER})
    return user


@pytest.fixture
def browser(kari: Any) -> Client:
    client = Client()
    client.force_login(kari)
    return client


def zip_of_countless_entries() -> bytes:
    """An archive of one entry, whose zip64 end says that there are 2**62."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "hello")
    raw = file.getvalue()
    at = raw.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<2I", raw, at + 12)
    ends = (
        struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 62, 1 << 62, size, start),
        struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1),
        b"PK\x05\x06" + b"\0" * 4 + b"\xff" * 12 + b"\0\0",
    )
    return raw[:at] + b"".join(ends)


def test_an_archive_that_says_it_has_countless_entries_is_read_all_the_same(browser: Client):
    check = send(browser, {"a.zip": zip_of_countless_entries()})

    assert check.state == CheckState.DONE
    assert check.elements.filter(kind="text").count() == 1


def test_what_is_unpacked_lies_with_the_files_of_its_check_and_goes_with_them(
    browser: Client, monkeypatch: pytest.MonkeyPatch
):
    used: list[Path] = []

    class Noting(Reader):
        def __init__(self, scratch: Path, *others: Any) -> None:
            used.append(scratch)
            super().__init__(scratch, *others)

    monkeypatch.setattr(checking, "Reader", Noting)

    check = send(browser, {"a.txt": b"hello"})

    assert {folder.parent for folder in used} == {folder_of(check.token)}
    assert not folder_of(check.token).exists()


def test_a_check_that_begins_while_the_clock_tidies_up_keeps_its_files(
    kari: Any, monkeypatch: pytest.MonkeyPatch
):
    begun = []

    def listed():
        check = begin_check(by=kari)
        write_file(check.token, [b"hello"], "a.txt")
        begun.append(check)
        yield check.token

    monkeypatch.setattr(checking_end, "tokens_on_disk", listed)

    checking_end.delete_stray_files()

    assert len(list(files_of(begun[0].token))) == 1


def test_a_packed_file_that_breaks_off_leaves_nothing_on_disk(tmp_path: Path):
    class Broken:
        def __init__(self) -> None:
            self.left = 2

        def read(self, size: int, /) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise Unread("It breaks off before its end.")
            return b"x" * size

    content = Content(Broken(), "a.zip/a.dcm", Allowance())

    with pytest.raises(Unread):
        content.on_disk(tmp_path)

    assert not list(tmp_path.iterdir())


def test_what_no_database_can_store_is_written_as_visible_signs():
    tally = Tally()

    tally.add([Item("json:a\0b", "Olga\0 \ud800", "x\0.json")])

    ((path, sums),) = tally.paths.items()
    ((value, seen),) = sums.values.items()
    assert (path, value, seen.example) == ("json:a␀b", "Olga␀ ?", "x␀.json")


def test_what_is_refused_for_want_of_room_takes_none(browser: Client, settings: Any):
    settings.CHECK_LIMIT_BYTES = 100
    browser.post(reverse("review-check-begin"))
    address = reverse("review-check-files", args=[Check.objects.get().token])

    answers = [
        browser.post(address, {"files": [SimpleUploadedFile("a.txt", b"x" * size)]}).status_code
        for size in (60, 60, 30)
    ]

    assert answers == [200, 422, 200]
    assert Check.objects.get().byte_count == 90


def test_files_that_come_while_a_check_is_closed_are_refused(kari: Any):
    check = begin_check(by=kari)
    add_to_check(by=kari, check=check, files=[SimpleUploadedFile("a.txt", b"text")])

    class Slow(SimpleUploadedFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            close_check(by=kari, check=check)
            yield b"text"

    with pytest.raises(ValidationError, match="closed while these files came"):
        add_to_check(by=kari, check=check, files=[Slow("b.txt", b"text")])
