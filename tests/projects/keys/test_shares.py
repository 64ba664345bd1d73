"""The master key in shares: enough of them bring it back, fewer and wrong ones do not."""

import random
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from projects.keys.__main__ import main
from projects.keys.deriving import key_id
from projects.keys.shares import Share, SharesUnusable, restore, split
from projects.models import AuditEvent

KEY = "Nøkkelen til et oppdiktet sykehus, 40 tegn"


def shares_of(key: str, *, needed: int = 3, of: int = 5) -> list[Share]:
    return split(key.encode(), key_id=key_id(key), needed=needed, of=of)


@given(
    secret=st.binary(min_size=1, max_size=12),
    needed=st.integers(2, 5),
    spare=st.integers(0, 11),
    seed=st.randoms(use_true_random=False),
)
def test_any_few_of_the_shares_restore_any_secret(secret, needed, spare, seed):
    shares = split(secret, key_id="00000000", needed=needed, of=needed + spare)

    assert restore(seed.sample(shares, needed)) == secret


def test_every_three_of_five_restore_the_key():
    shares = shares_of(KEY)

    restored = {restore(three).decode() for three in combinations(shares, 3)}

    assert restored == {KEY}


def test_two_of_three_agree_with_every_key_alike():
    """Whatever byte is guessed, exactly one third share goes with it: two tell nothing."""
    one, two, three = (share.values[0] for share in split(b"k", key_id="", needed=3, of=3))
    shares = [Share("", number, 3, 3, bytes([value])) for number, value in ((1, one), (2, two))]

    guessed = [restore([*shares, Share("", 3, 3, 3, bytes([value]))])[0] for value in range(256)]

    assert sorted(guessed) == list(range(256))
    assert guessed[three] == ord("k")


def test_a_share_is_read_back_as_it_was_printed_whatever_the_case_and_the_gaps():
    share = shares_of(KEY)[1]
    first, *rest = share.text().splitlines()

    typed = "\n\n".join([first, *(line.replace("-", "  ").lower() for line in rest)])

    assert Share.read(share.text()) == share
    assert Share.read(typed) == share


def test_one_mistyped_letter_anywhere_is_noticed():
    first, body = shares_of(KEY)[0].text().split("\n", 1)
    places = [at for at, sign in enumerate(body) if sign.isalnum()][:-1]
    letters = random.Random(7)

    for at in places:
        other = letters.choice(
            [one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if one != body[at]]
        )
        with pytest.raises(SharesUnusable, match="Share 1"):
            Share.read(f"{first}\n{body[:at]}{other}{body[at + 1 :]}")


def test_a_share_with_another_number_is_noticed():
    text = shares_of(KEY)[0].text().replace("share 1", "share 2")

    with pytest.raises(SharesUnusable, match="Share 2 was mistyped"):
        Share.read(text)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: shares_of(KEY)[:2], "3 different shares are needed; these are 2"),
        (lambda: [shares_of(KEY)[0]] * 3, "3 different shares are needed; these are 1"),
        (lambda: shares_of(KEY)[:2] + shares_of("Another key" * 4)[2:], "not of one key"),
        (list, "not of one key"),
    ],
)
def test_shares_that_cannot_restore_say_why(wrong, sentence):
    with pytest.raises(SharesUnusable, match=sentence):
        restore(wrong())


@pytest.mark.parametrize(("needed", "of"), [(1, 5), (6, 5), (3, 17)])
def test_a_number_of_shares_that_protects_or_restores_nothing_is_refused(needed, of):
    with pytest.raises(SharesUnusable, match="Take 2 to 16 shares"):
        split(b"key", key_id="", needed=needed, of=of)


@pytest.mark.django_db
def test_the_key_goes_out_in_files_and_comes_back_from_three_of_them(settings, tmp_path, capsys):
    folder = tmp_path / "shares"
    call_command("keys", "escrow", "--to", str(folder))
    files = sorted(folder.iterdir())

    status = main([*map(str, files[1:4]), "--to", str(tmp_path / "key")])

    assert status == 0
    assert (tmp_path / "key").read_text() == settings.RDMA_MASTER_KEY
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert settings.RDMA_MASTER_KEY not in capsys.readouterr().out
    event = AuditEvent.objects.get(verb="shared_master_key")
    assert event.facts == {"key": key_id(settings.RDMA_MASTER_KEY), "shares": 5, "needed": 3}


@pytest.mark.django_db
def test_shares_of_two_occasions_restore_nothing_and_say_so(tmp_path, capsys):
    for name in ("may", "june"):
        call_command("keys", "escrow", "--to", str(tmp_path / name))
    mixed = [
        tmp_path / "may/share-1.txt",
        tmp_path / "may/share-2.txt",
        tmp_path / "june/share-3.txt",
    ]

    status = main([*map(str, mixed), "--to", str(tmp_path / "key")])

    assert status == 2
    assert "different days" in capsys.readouterr().err
    assert not (tmp_path / "key").exists()


@pytest.mark.django_db
def test_no_share_is_written_over_another(tmp_path):
    call_command("keys", "escrow", "--to", str(tmp_path / "shares"))

    with pytest.raises(CommandError, match="File exists"):
        call_command("keys", "escrow", "--to", str(tmp_path / "shares"))
