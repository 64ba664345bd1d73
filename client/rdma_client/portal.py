"""What a script asks of a portal, as methods.

portal = Portal.from_environment()
transfer = portal.request_transfer(study=7, project="BICAM", participant="BICAM_0001",
                                   event="baseline")
portal.wait_for_transfer(transfer["id"])
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdma_client import credentials
from rdma_client.downloading import fetch
from rdma_client.errors import CameOtherwise
from rdma_client.uploading import as_form, batches, files_in
from rdma_client.wire import Wire, as_json

API = "/api/v1"
LARGEST_PAGE = 1000
TRANSFER_ENDS = {"delivered", "held", "failed", "cancelled"}
PACKAGE_ENDS = {"ready", "held", "failed", "cancelled", "expired", "revoked"}

Row = dict[str, Any]


@dataclass
class Portal:
    """One portal, seen by one person or service account. Raises what rdma_client.errors has."""

    wire: Wire
    seconds_between: float = 2.0

    @classmethod
    def from_environment(cls, address: str = "") -> "Portal":
        """Return the portal of RDMA_URL, or of an address, with the token that is set up."""
        return cls(Wire(credentials.portal_address(address), credentials.token()))

    def rows(self, path: str, **narrowed: Any) -> Iterator[Row]:
        """Give every row of a list, page by page; filters that are None are left out."""
        query = {name: said for name, said in narrowed.items() if said is not None}
        page = 1
        while True:
            asked = {"page_size": LARGEST_PAGE, **query, "page": page}
            told = self.wire.ask("GET", f"{API}/{path}", query=asked)
            yield from told["results"]
            if not told["next"]:
                return
            page += 1

    def one(self, path: str) -> Row:
        """Return one thing."""
        return dict(self.wire.ask("GET", f"{API}/{path}"))

    def tell(self, path: str, said: Any = None) -> Any:
        """Post something, and return the answer."""
        return self.wire.ask(
            "POST", f"{API}/{path}", parcel=None if said is None else as_json(said)
        )

    def projects(self) -> Iterator[Row]:
        """Give the projects that one may see."""
        return self.rows("projects/")

    def participants(self, project: str) -> Iterator[Row]:
        """Give a project's participants."""
        return self.rows(f"projects/{_name(project)}/participants/")

    def studies(self, **narrowed: Any) -> Iterator[Row]:
        """Give the studies in quarantine that one may assign."""
        return self.rows("studies/", **narrowed)

    def find_studies(self, identifier: str) -> list[Row]:
        """Return the studies with exactly this accession number or patient identifier."""
        return list(self.tell("studies/lookup/", {"identifier": identifier})["results"])

    def upload(self, folder: Path, *, wait: bool = True) -> Iterator[Row]:
        """Send a folder to quarantine; give how each batch of it stands, or has ended."""
        for batch in batches(files_in(folder)):
            sent = self.wire.ask("POST", f"{API}/studies/", parcel=as_form(batch))
            address = f"studies/uploads/{sent['id']}/"
            yield self._once(address, lambda row: row["ended_at"] is not None) if wait else sent

    def transfers(self, **narrowed: Any) -> Iterator[Row]:
        """Give the transfers of the projects that one may see."""
        return self.rows("transfers/", **narrowed)

    def request_transfer(
        self,
        *,
        study: int,
        project: str,
        participant: str,
        event: str,
        left_out: Sequence[int] = (),
    ) -> Row:
        """Ask for a study to be brought into a project under a pseudonym."""
        said: Row = {"study": study, "project": project, "participant": participant}
        said["event"] = event
        if left_out:
            said["left_out"] = list(left_out)
        return dict(self.tell("transfers/", said))

    def wait_for_transfer(self, number: int, *, longest: float = 3600) -> Row:
        """Return a transfer once its run has come to a stand. Raises CameOtherwise if held."""
        row = self._once(
            f"transfers/{number}/",
            lambda row: row["run"] is not None and row["run"]["state"] in TRANSFER_ENDS,
            longest,
        )
        if row["run"]["state"] != "delivered":
            reason = row["run"]["reason"] or "The portal's page says why."
            raise CameOtherwise(f"The transfer is {row['run']['state']}. {reason}")
        return row

    def packages(self, **narrowed: Any) -> Iterator[Row]:
        """Give the packages of the projects that one may see."""
        return self.rows("exports/", **narrowed)

    def build_package(self, **said: Any) -> Row:
        """Ask for a package; `project`, and one of the ways in which REST takes what is in it."""
        return dict(self.tell("exports/", {k: v for k, v in said.items() if v is not None}))

    def wait_for_package(self, number: int, *, longest: float = 24 * 3600) -> Row:
        """Return a package once it is ready. Raises CameOtherwise if it will not be."""
        row = self._once(f"exports/{number}/", lambda row: row["state"] in PACKAGE_ENDS, longest)
        if row["state"] != "ready":
            reason = row["reason"] or "The portal's page says why."
            raise CameOtherwise(f"The package is {row['state']}. {reason}")
        return row

    def download(
        self,
        number: int,
        target: Path,
        *,
        resume: bool = False,
        told: Callable[[int, int], None] = lambda done, size: None,
    ) -> Path:
        """Fetch a package's file, check its SHA-256, and return where it lies."""
        return fetch(self.wire, self.one(f"exports/{number}/"), target, resume=resume, told=told)

    def tags(self, project: str, **narrowed: Any) -> Iterator[Row]:
        """Give every element that is left in a project's data."""
        return self.rows(f"projects/{_name(project)}/tags/", **narrowed)

    def _once(self, path: str, is_there: Callable[[Row], bool], longest: float = 3600) -> Row:
        """Ask every few seconds until something is so. Raises CameOtherwise when it takes long."""
        ends = time.monotonic() + longest
        while True:
            row = self.one(path)
            if is_there(row):
                return row
            if time.monotonic() > ends:
                raise CameOtherwise(f"It is still under way after {longest:.0f} s.")
            self.wire.pause(self.seconds_between)


def _name(project: str) -> str:
    """Return a project's name as a part of an address; anything else than a name is no project."""
    if not project.replace("_", "").isalnum() or not project.isascii():
        raise CameOtherwise("A project is named by its acronym (BICAM) or its number (P20_01).")
    return project
