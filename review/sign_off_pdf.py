"""A sign-off as one page for the project's file; the same record gives the same bytes."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from projects.models import AuditSeal
from review.models import SignOff
from review.states import Standing
from transfers.pdf_page import BOLD, QUIET, Page

PROOF_HEIGHT = 96.0
PEOPLE_SHOWN = 8


def draw_sign_off(signed: SignOff, seal: AuditSeal | None) -> bytes:
    """Return a sign-off as a PDF of one page, with its digest and the seal that covers it."""
    facts = signed.said
    page = Page(f"Sign-off {signed.number} of {facts['project']['acronym']}")
    _draw_head(page, signed, facts)
    _draw_data(page, facts)
    _draw_elements(page, facts)
    _draw_people(page, facts)
    _draw_exceptions(page, facts)
    _draw_proof(page, signed, seal)
    return page.finish()


def _draw_head(page: Page, signed: SignOff, facts: dict[str, Any]) -> None:
    project = facts["project"]
    page.write(f"{project['acronym']}: sign-off {signed.number}", size=17, font=BOLD, down=22)
    page.write(
        f"Project {project['number']}, approval {project['approval']}", size=9, grey=QUIET, down=16
    )
    page.write(f"Signed {_when(facts['signed_at'])} by {facts['signed_by']}.", size=10, down=14)
    if signed.second_by and signed.second_at:
        page.write(
            f"Confirmed {_local(signed.second_at)} by {signed.second_by.display_name} "
            f"({signed.second_by.username}).",
            size=10,
            down=14,
        )
    elif signed.needs_second:
        page.write("It does not count yet: a second person has to confirm it.", size=10, down=14)


def _draw_data(page: Page, facts: dict[str, Any]) -> None:
    plan, data, held = facts["plan"], facts["data"], facts["hold_desk"]
    checks = facts["verification"]
    by_plan = ", ".join(f"{n:,} by {version}" for version, n in data["studies_by_plan"].items())
    found = sum(checks["findings"].values())
    page.title("What it speaks of")
    page.facts(
        [
            (
                "Data",
                f"{data['studies']:,} studies, {data['series']:,} series, "
                f"{data['images']:,} images of {data['participants']:,} participants",
            ),
            (
                "Plan",
                f"v{plan['version']}, {plan['profile']} profile, {plan['rules']} rules of "
                "the project",
            ),
            ("Plan's digest", plan["digest"]),
            ("De-identified", by_plan),
            (
                "Verified",
                f"{checks['runs']:,} runs, the last {_when(checks['last_verified_at'])}; "
                f"{found:,} findings, all decided or held",
            ),
            ("Hold desk", f"{held['images_held']:,} images held; they are not part of this"),
            (
                "Not readable",
                f"images in {data['series_with_unreadable_images']:,} series"
                if data["series_with_unreadable_images"]
                else "",
            ),
        ]
    )


def _draw_elements(page: Page, facts: dict[str, Any]) -> None:
    elements, verdicts = facts["elements"], facts["verdicts"]
    page.title("How the elements that are left stand")
    stand = elements["standing"]
    page.row(["Elements", *(label for _, label in Standing.choices)], [1.0] * 6, grey=QUIET)
    page.row(
        [f"{elements['count']:,}", *(f"{stand[value]:,}" for value in Standing.values)], [1.0] * 6
    )
    given = verdicts["given"]
    page.write(
        f"{verdicts['count']:,} verdicts were given: {given['safe']:,} safe, {given['unsafe']:,} "
        f"not safe, {given['unsure']:,} unsure; {verdicts['confirmed']:,} confirmed by a second "
        "person. Empty elements need none."
    )


def _draw_people(page: Page, facts: dict[str, Any]) -> None:
    page.title("Who judged")
    people = facts["people"]
    for one in people[:PEOPLE_SHOWN]:
        page.row(
            [one["person"], f"{one['verdicts']:,} given", f"{one['confirmed']:,} confirmed"],
            [3.0, 1.0, 1.0],
        )
    if len(people) > PEOPLE_SHOWN:
        page.write(f"and {len(people) - PEOPLE_SHOWN} others, all in the record")


def _draw_exceptions(page: Page, facts: dict[str, Any]) -> None:
    exceptions = facts["exceptions"]
    page.title("What was left open, by name")
    if not exceptions:
        page.write("Nothing.")
        return
    page.write(exceptions[0]["reason"])
    shown = 0
    while shown < len(exceptions) and page.has_room(PROOF_HEIGHT + 20):
        one = exceptions[shown]
        page.row(
            [one["name"], one["path"], Standing(one["standing"]).label], [2.0, 2.6, 0.8], grey=QUIET
        )
        shown += 1
    if shown < len(exceptions):
        page.write(f"and {len(exceptions) - shown} others, all in the record")


def _draw_proof(page: Page, signed: SignOff, seal: AuditSeal | None) -> None:
    page.bottom(PROOF_HEIGHT)
    page.title("Proof")
    page.facts(
        [
            ("Record, SHA-256", signed.digest),
            (
                "Seal",
                f"{seal.number}, made {_local(seal.sealed_at)}"
                if seal
                else "none yet; it is put within minutes, and stands on a later copy of this page",
            ),
            ("Seal's digest", seal.digest if seal else ""),
        ]
    )
    page.write(
        "The record is a file on the project's sign-off page and names every element with its "
        "verdict; its SHA-256 must be the one above.",
        size=7.5,
        grey=QUIET,
    )


def _when(at: str | None) -> str:
    return _local(datetime.fromisoformat(at)) if at else "at no time"


def _local(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y %H:%M}"
