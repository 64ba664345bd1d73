"""Two transfers of a project, indexed, of which one holds what a rule is made about."""

from dataclasses import dataclass
from pathlib import Path

from review.models import Element
from tests.datasets import make_mr_series
from tests.review.copies import index
from tests.transfers.arrange import Desk, make_desk, quarantine, run_to_the_end
from transfers.actions import request_transfer
from transfers.models import PlanVersion, TransferRequest

COMMENTS, PROTOCOL = "(0020,4000)", "(0018,1030)"


@dataclass(frozen=True)
class Renewed:
    """A desk, a transfer whose images have a comment, and one whose images have none."""

    desk: Desk
    commented: TransferRequest
    plain: TransferRequest

    def element(self, path: str = COMMENTS) -> Element:
        """The index's row of an element."""
        return self.desk.project.elements.get(path=path)

    def work(self) -> None:
        """Do what workers do: run what is due, and index it."""
        for transfer in (self.commented, self.plain):
            run_to_the_end(transfer)
        index()

    def versions(self) -> list[int]:
        """The plan version that each of the two transfers was made by."""
        runs = (one.runs.order_by("-number").first() for one in (self.commented, self.plain))
        return [run.plan_version.number for run in runs]

    @property
    def present(self) -> PlanVersion:
        """The newest plan version."""
        return self.desk.project.plan_versions.first()


def make_renewed(folder: Path) -> Renewed:
    """Bring two studies through the pipeline: three images with comments, two without."""
    desk = make_desk()
    transfers = []
    for number, texts in enumerate((["moved", "moved", "Seen by Solbakken"], [None, None]), 1):
        for image, text in enumerate(texts):
            comment = {} if text is None else {"ImageComments": text}
            make_mr_series(
                folder / f"{number}-{image}",
                n=1,
                study_instance_uid=f"1.2.3.{number}",
                patient_id=f"9797543231{number}",
                ProtocolName="t1 for ole",
                **comment,
            )
    for number, study in enumerate(quarantine(folder, desk.kari), 1):
        transfer = request_transfer(
            by=desk.kari,
            study=study,
            project=desk.project,
            pseudonym=f"BICAM_{number:04}",
            event=desk.project.events.first(),
        )
        transfers.append(transfer)
    commented = max(transfers, key=lambda one: one.study.instance_count)
    renewed = Renewed(desk, commented, next(one for one in transfers if one != commented))
    renewed.work()
    return renewed
