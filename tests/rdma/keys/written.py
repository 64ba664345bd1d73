"""A house with something written under its keys in every room, and what can be read of it.

What is read is a table from a sentence to a value: a test compares tables, so that whatever a
change of keys must not change is named once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from deidentify.plan import Plan
from exports.models import DownloadLink, Package, PackageDestination
from exports.passwords import draw_secret, package_password
from exports.signing import public_key_pem, sign
from exports.states import DestinationKind
from exports.transforming.people import People
from intake.models import Study
from projects import keyring
from projects.chain.sealing import seal_audit
from projects.encryption import blind_index
from projects.errors import KeyUnavailable
from projects.keyring import purpose_key
from projects.models import Participant, Project
from rdma.audit import check_audit
from tests.datasets import make_mr_series, new_uid
from tests.exports.ready import destination_for, ready_package
from tests.transfers.arrange import Desk, make_desk, quarantine, request, run_to_the_end
from transfers.fingerprints import fingerprint_key
from transfers.models import Run, SearchTermStore, TransferRequest
from transfers.planning import compile_for, rule_key

NEW = "another master key, drawn much later than it was"
NAME, ACCESSION = "Oppdiktet^Ragnhild", "ACC-INVENTED-7"
RECIPIENT, ACCOUNT_SECRET = "partner@example.org", "the partner's own secret"
ORIGINAL_UID = "1.2.826.0.1.3680043.8.498.77"


@dataclass
class House:
    """The rows that the table is read from."""

    desk: Desk
    study: int
    transfer: TransferRequest
    package: int
    study_instance_uid: str

    @property
    def project(self) -> Project:
        return Project.objects.get(pk=self.desk.project.pk)

    @property
    def participant(self) -> Participant:
        return Participant.objects.get(project=self.desk.project)

    @property
    def run(self) -> Run:
        return Run.objects.filter(transfer=self.transfer).earliest("pk")

    def bring_a_late_series(self, folder: Path) -> None:
        """Let another series of the same study arrive in quarantine."""
        make_mr_series(
            folder,
            n=1,
            patient_name=NAME,
            AccessionNumber=ACCESSION,
            study_instance_uid=self.study_instance_uid,
        )
        quarantine(folder, self.desk.kari)


def build(folder: Path) -> House:
    """Bring a study through the pipeline, hand a package to a partner, and seal the audit."""
    desk, uid = make_desk(), new_uid()
    make_mr_series(
        folder, n=2, patient_name=NAME, AccessionNumber=ACCESSION, study_instance_uid=uid
    )
    (study,) = quarantine(folder, desk.kari)
    transfer = request(desk, study)
    run_to_the_end(transfer)
    package = ready_package(desk.project, desk.kari)
    Package.objects.filter(pk=package.pk).update(wrapped_secret=draw_secret(desk.project))
    DownloadLink.objects.create(
        package=package,
        token_digest="0" * 64,
        recipient=RECIPIENT,
        made_by=desk.kari,
        expires_at=timezone.now() + timedelta(days=1),
    )
    destination_for(
        desk.project, DestinationKind.UPLOAD, port=1, place="files", secret=ACCOUNT_SECRET
    )
    seal_audit()
    return House(desk, study.pk, transfer, package.pk, uid)


def _plan(house: House) -> Plan:
    return compile_for(house.run)


READINGS: dict[str, Callable[[House], object]] = {
    "a name in quarantine": lambda house: Study.objects.get(pk=house.study).patient_name,
    "a study by its accession number": lambda house: Study.objects.values_list("pk", flat=True).get(
        accession_index=ACCESSION
    ),
    "what a late series would look for": lambda house: blind_index(ORIGINAL_UID, "a kind"),
    "the terms that the leak check searches": lambda house: (
        SearchTermStore.objects.get(run=house.run).terms
    ),
    "a participant's secret": lambda house: house.participant.secret,
    "a participant's UIDs": lambda house: _plan(house).new_uid(ORIGINAL_UID),
    "a participant's dates": lambda house: _plan(house).shift_date("20260312"),
    "the fingerprints of findings": lambda house: fingerprint_key(house.project.root),
    "the marks of values in rules": lambda house: rule_key(house.project),
    "identifiers of packages under other names": lambda house: (
        People(house.project).person("BICAM_0001", lambda: house.run).secret
    ),
    "the password of a package": lambda house: package_password(
        Package.objects.get(pk=house.package)
    ),
    "to whom a link was given": lambda house: DownloadLink.objects.get().recipient,
    "the code of a link": lambda house: DownloadLink.objects.get().code,
    "the secret of a destination": lambda house: PackageDestination.objects.get().secret,
    "the key that packages are verified with": lambda house: public_key_pem(),
    "the signature of a package": lambda house: sign(b"what its manifest says"),
    "the signatures of the audit": lambda house: (
        purpose_key("audit seals"),
        check_audit().is_intact,
    ),
}


def read(house: House) -> dict[str, object]:
    """Return what can be read, by its sentence; what cannot is left out."""
    found: dict[str, object] = {}
    for sentence, reading in READINGS.items():
        try:
            found[sentence] = reading(house)
        except KeyUnavailable:
            continue
    return found


def give_keys(settings: object, *, now: str, previous: str = "") -> None:
    """Start again, as it were, with these master keys."""
    settings.RDMA_MASTER_KEY = now
    settings.RDMA_MASTER_KEY_PREVIOUS = previous
    keyring.forget()
