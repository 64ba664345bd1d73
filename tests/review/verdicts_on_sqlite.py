"""Run by test_sqlite.py in a process of its own, whose database is SQLite: judge, reopen, sign."""

import sys
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from projects.models import Project  # noqa: E402
from projects.roles import Role  # noqa: E402
from review.actions.sign_offs import sign_off  # noqa: E402
from review.actions.verdicts import judge, judge_many  # noqa: E402
from review.currency import currency  # noqa: E402
from review.standing import stamp_of  # noqa: E402
from review.states import OPEN  # noqa: E402
from tests.datasets import make_mr_series  # noqa: E402
from tests.factories import ProjectFactory, UserFactory  # noqa: E402
from tests.review.copies import index, new_run, new_transfer, participant_of  # noqa: E402

STATION = "(0008,1010)"


def bring(project: Project, folder: Path, number: int, station: str) -> None:
    """Index another image, of a scanner of this name."""
    files = make_mr_series(folder / station, n=1, StationName=station)
    new_run(new_transfer(participant_of(project, number)), files)
    index()


def main(folder: Path) -> None:
    """Judge everything, let a value come that fits a pattern and one that does not, sign off."""
    call_command("migrate", verbosity=0)
    owner = UserFactory()
    project = ProjectFactory(acronym="BICAM", members={owner: Role.OWNER})
    bring(project, folder, 1, "MR1")
    station = project.elements.get(path=STATION)
    how = {"by": owner, "project": project, "judged": "safe", "reason": "looked at all of it"}
    judge(**how, element=station, pattern="MR[0-9]")
    bring(project, folder, 2, "MR2")
    fits = project.elements.get(path=STATION).standing
    stamp = stamp_of(project)
    bring(project, folder, 3, "Olga")
    reopened = project.elements.get(path=STATION).standing
    judge(**how, element=station, stamp=stamp)
    unseen = project.elements.get(path=STATION).open_value_count
    chosen = project.elements.filter(standing__in=OPEN).values_list("pk", flat=True)
    judge_many(**how, elements=list(chosen))
    sign_off(by=owner, project=project, stamp=stamp_of(project))

    assert (fits, reopened, unseen) == ("safe", "new", 1), (fits, reopened, unseen)
    assert currency(project).is_current, currency(project).why_not
    print("signed off")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
