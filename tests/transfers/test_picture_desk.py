"""The picture desk: who may look, what of it is on record, and what passing and rejecting do."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from projects.models import AuditEvent
from projects.roles import Role
from projects.storage import storage
from tests.datasets import make_us_series, new_uid
from tests.factories import ProjectFactory, UserFactory
from tests.transfers.arrange import make_desk, outcomes, quarantine, request, run_to_the_end
from transfers import actions
from transfers.models import Finding, FrameLook
from transfers.pipeline.carrying import earlier_verdicts

pytestmark = pytest.mark.django_db

NAME = "Fjell^Turid Aasen"


@pytest.fixture
def desk():
    return make_desk()


@pytest.fixture
def bring(desk, tmp_path):
    """Bring ultrasound images into the project; return the run that holds them."""

    def bring(n=3, frames=2, **attributes):
        folder = tmp_path / new_uid()
        make_us_series(folder, n=n, frames=frames, patient_name=NAME, **attributes)
        (study,) = quarantine(folder, desk.kari)
        transfer = request(desk, study, f"BICAM_{study.pk % 9999:04}")
        return run_to_the_end(transfer)

    return bring


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def images(run):
    return list(run.outcomes.order_by("instance__instance_number"))


def decide(client, image, verdict="pass", scope="image", reason="No text in it.", **more):
    data = {"verdict": verdict, "scope": scope, "reason": reason, **more}
    return client.post(reverse("picture-decide", args=[image.pk]), data)


def look_at(client, image, frames="1,2"):
    client.get(reverse("picture", args=[image.pk]))
    return client.post(reverse("picture-seen", args=[image.pk]), {"frames": frames}).json()


def events(verb):
    return list(AuditEvent.objects.filter(verb=verb).order_by("pk"))


def test_desk_shows_each_series_with_what_it_waits_for_and_what_was_seen(desk, bring):
    run = bring(n=3)
    client = signed_in(desk.kari)
    look_at(client, images(run)[0])

    page = client.get(reverse("pixel-desk"))

    (series,) = page.context["desk"]
    assert (len(series.waiting), series.seen) == (3, 1)
    assert "1 of 3 looked at by you" in page.text
    assert "ultrasound" in page.text
    assert [event.actor for event in events("opened_thumbnails")] == [desk.kari]


def test_desk_of_one_transfer_leaves_the_others_out(desk, bring):
    runs = [bring(n=1), bring(n=2)]

    page = signed_in(desk.kari).get(reverse("pixel-desk"), {"transfer": runs[1].transfer.pk})

    assert [series.run for series in page.context["desk"]] == [runs[1]]
    assert page.context["images"] == 2


def test_desk_takes_no_more_queries_for_four_series_than_for_two(
    desk, bring, django_assert_max_num_queries
):
    client = signed_in(desk.kari)
    for _ in range(2):
        bring(n=1)
    with django_assert_max_num_queries(100) as two:
        client.get(reverse("pixel-desk"))
    for _ in range(2):
        bring(n=1)

    with django_assert_max_num_queries(100) as four:
        client.get(reverse("pixel-desk"))

    audits = 2 * 3  # each transfer whose thumbnails are shown is audited
    assert len(four) - len(two) <= audits


def test_who_looks_at_pictures_and_who_decides(desk, bring):
    (image,) = images(bring(n=1))
    found = {}
    for role in (*Role, None):
        user = UserFactory()
        project = desk.project if role else ProjectFactory(acronym="ECTMRI")
        project.memberships.create(user=user, role=role or Role.OWNER)
        client = signed_in(user)
        is_listed = bool(client.get(reverse("pixel-desk")).context["desk"])
        answers = [
            client.get(reverse("picture-frame", args=[image.pk, 1])),
            client.get(reverse("picture-thumbnail", args=[image.pk])),
            client.get(reverse("picture", args=[image.pk])),
            client.post(reverse("picture-seen", args=[image.pk]), {"frames": "1"}),
            decide(client, image, "reject", reason=""),
        ]
        found[role] = (is_listed, [answer.status_code for answer in answers])

    assert found == {
        Role.OWNER: (True, [403] * 5),
        Role.ADMINISTRATOR: (True, [200] * 4 + [302]),
        Role.DATA_MANAGER: (True, [200] * 4 + [302]),
        Role.RESEARCHER: (True, [403] * 5),
        Role.CONTROLLER: (True, [403] * 5),
        None: (False, [404] * 5),
    }
    assert set(FrameLook.objects.values_list("user__memberships__role", flat=True)) == {
        Role.ADMINISTRATOR,
        Role.DATA_MANAGER,
    }


def test_a_frame_is_a_picture_of_its_own_size_that_nobody_keeps(desk, bring):
    (image,) = images(bring(n=1, frames=2))
    client = signed_in(desk.kari)

    frame = client.get(reverse("picture-frame", args=[image.pk, 2]), {"contrast": "even"})
    small = client.get(reverse("picture-thumbnail", args=[image.pk]))
    none = client.get(reverse("picture-frame", args=[image.pk, 3]))

    assert frame.headers["Content-Type"] == "image/png"
    assert "no-store" in frame.headers["Cache-Control"]
    assert Image.open(io.BytesIO(frame.content)).size == (64, 48)
    assert max(Image.open(io.BytesIO(small.content)).size) <= 144
    assert (none.status_code, none.text) == (422, "There is no frame 3.")


def test_opening_is_audited_with_ids_alone(desk, bring):
    (image,) = images(bring(n=1))

    signed_in(desk.kari).get(reverse("picture", args=[image.pk]))
    signed_in(desk.office).get(reverse("picture-frame", args=[image.pk, 1]))

    opened = events("opened_picture")
    assert [event.actor for event in opened] == [desk.kari, desk.office]
    assert [event.facts for event in opened] == [{"image": image.pk}] * 2


def test_frames_and_small_pictures_by_their_bare_addresses_are_audited_once_an_hour(desk, bring):
    first, second = images(bring(n=2))
    client = signed_in(desk.office)

    for image in (first, second, first):
        client.get(reverse("picture-thumbnail", args=[image.pk]))
    for frame in (1, 2):
        client.get(reverse("picture-frame", args=[first.pk, frame]))
    client.get(reverse("picture-frame", args=[second.pk, 1]))

    assert [event.actor for event in events("opened_thumbnails")] == [desk.office]
    opened = [event.facts for event in events("opened_picture")]
    assert opened == [{"image": first.pk}, {"image": second.pk}]


def test_a_page_that_was_only_sent_is_no_look(desk, bring):
    (image,) = images(bring(n=1, frames=1))
    client = signed_in(desk.kari)

    client.get(reverse("picture", args=[image.pk]))
    client.get(reverse("picture-frame", args=[image.pk, 1]))
    asked = decide(client, image)

    assert asked.status_code == 409
    assert not FrameLook.objects.exists()


def test_who_has_no_script_says_by_a_button_that_a_frame_was_looked_at(desk, bring):
    (image,) = images(bring(n=1, frames=2))
    client = signed_in(desk.kari)
    page = client.get(reverse("picture", args=[image.pk]), {"frame": "2"}).text

    told = {"frames": "2", "by_hand": "yes"}
    back = client.post(reverse("picture-seen", args=[image.pk]), told)

    assert '<noscript><form method="post"' in page
    assert back.headers["Location"] == reverse("picture", args=[image.pk]) + "?frame=2"
    assert list(FrameLook.objects.values_list("frame", flat=True)) == [2]


def test_an_image_counts_as_seen_when_each_of_its_frames_was_shown(desk, bring):
    first, _ = images(bring(n=2, frames=3))
    client = signed_in(desk.kari)

    before = look_at(client, first, "1,2")
    after = look_at(client, first, "3,3,99,-1,x,")

    assert before == {"frames": 2, "images": 0}
    assert after == {"frames": 3, "images": 1}
    assert FrameLook.objects.count() == 3


def test_passing_what_was_seen_lets_that_image_leave_and_no_other(desk, bring):
    run = bring(n=3)
    first, second, _ = images(run)
    client = signed_in(desk.kari)
    look_at(client, first)

    answer = decide(client, first)

    run = run_to_the_end(run.transfer)
    assert answer.headers["Location"] == reverse("picture", args=[second.pk])
    assert outcomes(run) == {"delivered": 1, "held": 2}
    assert Finding.objects.get(outcome=first).verdict_reason == "No text in it."


def test_verdicts_on_pictures_are_found_again_when_the_same_images_are_run_anew(desk, bring):
    run = bring(n=3)
    first, second, _ = images(run)
    client = signed_in(desk.kari)
    look_at(client, first)
    decide(client, first)
    decide(client, second, "reject", reason="A name can be read.")

    actions.rerun_transfer(by=desk.kari, transfer=run.transfer)

    assert outcomes(run_to_the_end(run.transfer)) == {"delivered": 1, "rejected": 1, "held": 1}


def test_a_look_at_one_picture_says_nothing_of_another_with_the_same_finding(desk, bring):
    run, other = bring(n=1), bring(n=1)
    mark = {"kind": "pixels", "path": "(7FE0,0010)", "sure": "certain", "fingerprint": "f" * 32}
    for one in (run, other):
        sentence = "The pixel data is not the source's."
        Finding.objects.create(run=one, outcome=images(one)[0], sentence=sentence, **mark)
    client = signed_in(desk.kari)
    look_at(client, images(run)[0])

    decide(client, images(run)[0])

    found = earlier_verdicts(other, {"f" * 32})
    assert set(run.findings.values_list("verdict", flat=True)) == {"released"}
    assert (found.of_alike, found.of_instances) == ({}, {})


def test_passing_a_series_of_which_not_all_was_seen_asks_first_and_says_so_for_ever(desk, bring):
    run = bring(n=3)
    first = images(run)[0]
    client = signed_in(desk.kari)
    look_at(client, first)

    asked = decide(client, first, scope="series")
    too_few = decide(client, first, scope="series", confirmed=1)
    untouched = outcomes(run_to_the_end(run.transfer))
    passed = decide(client, first, scope="series", confirmed=2)

    run = run_to_the_end(run.transfer)
    assert asked.status_code == 409
    assert "You have seen 1 of 3 images" in asked.text
    assert too_few.status_code == 409
    assert untouched == {"held": 3}
    assert passed.status_code == 302
    assert outcomes(run) == {"delivered": 3}
    reasons = sorted(run.findings.values_list("verdict_reason", flat=True))
    assert reasons == ["No text in it."] + ["Passed without having been seen: No text in it."] * 2
    (event,) = events("passed_pictures")
    assert event.facts == {
        "run": run.pk,
        "images": 3,
        "images_seen": 1,
        "images_not_shown": 0,
        "frames_of_opened": 2,
        "frames_seen": 2,
    }


def test_what_somebody_else_saw_was_not_seen_by_oneself(desk, bring):
    (image,) = images(bring(n=1, frames=3))
    look_at(signed_in(desk.office), image, "1,2,3")
    client = signed_in(desk.kari)
    look_at(client, image, "1,2")

    answer = decide(client, image)

    assert answer.status_code == 409
    assert "2 of 3 were shown to you" in answer.text


def test_rejecting_a_series_needs_no_look_and_says_by_whom_and_why(desk, bring):
    run = bring(n=3)
    image = images(run)[1]
    client = signed_in(desk.kari)

    decide(client, image, "reject", "series", "A name can be read.")

    run.refresh_from_db()
    assert outcomes(run) == {"rejected": 3}
    assert events("rejected_pictures")[0].facts["images_seen"] == 0
    page = client.get(reverse("picture", args=[image.pk]))
    assert f"Rejected by {desk.kari.display_name}" in page.text
    assert "A name can be read." in page.text


def test_without_a_reason_nothing_is_decided(desk, bring):
    run = bring(n=1)
    (image,) = images(run)
    client = signed_in(desk.kari)
    look_at(client, image)

    for reason in ("", "no", "     "):
        decide(client, image, reason=reason)
        decide(client, image, "reject", reason=reason)

    assert outcomes(run) == {"held": 1}


def test_what_cannot_be_shown_is_said_and_passes_only_as_unseen(desk, bring):
    run = bring(n=1)
    (image,) = images(run)
    path = storage().path(image.key)
    header = path.read_bytes()
    path.write_bytes(header.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.57\0"[:20]))
    client = signed_in(desk.kari)

    page = client.get(reverse("picture", args=[image.pk]))
    asked = decide(client, image)

    assert "cannot be shown" in page.text
    assert asked.status_code == 409
    assert "nobody could see it" in asked.text
    assert decide(client, image, confirmed=1).status_code == 302
    assert run.findings.get().verdict_reason.startswith("Passed without having been seen")


def test_the_last_reason_of_a_run_is_offered_again_for_the_same_verdict_only(desk, bring):
    run = bring(n=2)
    first, second = images(run)
    client = signed_in(desk.kari)
    look_at(client, first)
    decide(client, first, reason="Only a scale at the edge.")

    page = client.get(reverse("picture", args=[second.pk]))

    assert page.context["pass_reason"] == "Only a scale at the edge."
    assert page.context["reject_reason"] == ""


def test_where_two_are_demanded_the_second_looks_as_well(desk, bring):
    desk.project.two_person_release = True
    desk.project.save()
    run = bring(n=2)
    first = images(run)[0]
    kari, office = signed_in(desk.kari), signed_in(desk.office)
    for client in (kari, office):
        for image in images(run):
            look_at(client, image)

    decide(kari, first, scope="series")
    after_one = outcomes(run_to_the_end(run.transfer))
    again = decide(kari, first, scope="series")
    decide(office, first, scope="series")

    assert after_one == {"held": 2}
    assert again.status_code == 302
    assert outcomes(run_to_the_end(run.transfer)) == {"delivered": 2}
    assert set(run.findings.values_list("second_by", flat=True)) == {desk.office.pk}
