"""Files headers under patient, study and series, inside the transaction of one slice.

It remembers the rows it met, and writes instances and counts once at the end.

A patient is an identifier together with who gave it out: Issuer of Patient ID, else the institution
named in the header, else the AE title that sent. A study without any identifier has a patient of
its own: missing identifiers are said, not guessed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Model
from django.utils import timezone

from intake.errors import KeptAside
from intake.headers import Header
from intake.models import Arrival, Instance, Patient, RejectionCode, Series, Study
from projects.encryption import Digest, blind_index

UID_KIND = "sop_instance_uid"
GUESSED = ("institution ", "sender ", "study ")


class Filing:
    """The rows that one slice touches."""

    def __init__(self, arrival: Arrival, headers: Iterable[Header]) -> None:
        self.arrival = arrival
        self.now = timezone.now()
        self.studies: dict[str, Study] = {}
        self.series: dict[tuple[int, str], Series] = {}
        self.new: list[Instance] = []
        self.counted: dict[Model, Counter[str]] = defaultdict(Counter)
        self.conflicting: set[str] = set()
        self.indexes = {
            header.sop_instance_uid: Digest(blind_index(header.sop_instance_uid, UID_KIND))
            for header in headers
        }
        self.known: dict[str, set[str]] = defaultdict(set)
        rows = Instance.objects.order_by().filter(sop_uid_index__in=self.indexes.values())
        for index, digest in rows.values_list("sop_uid_index", "digest"):
            self.known[index].add(digest)

    def file(self, header: Header, *, key: str, received_at: datetime) -> bool:
        """Catalogue one instance; False if it is here already with the same content.

        Raises KeptAside if its study belongs to another patient.
        """
        study = self._study(header)
        index = self.indexes[header.sop_instance_uid]
        digests = self.known[index]
        if header.digest in digests:
            return False
        if digests:
            self.conflicting.add(index)
        digests.add(header.digest)
        series = self._series(study, header)
        self.new.append(
            Instance(
                series=series,
                sop_instance_uid=header.sop_instance_uid,
                sop_class_uid=header.sop_class_uid,
                transfer_syntax_uid=header.transfer_syntax_uid,
                instance_number=header.number("InstanceNumber"),
                key=key,
                digest=header.digest,
                size=header.size,
                received_at=received_at,
            )
        )
        for row in (study, series):
            self.counted[row].update(instances=1, bytes=header.size)
        return True

    def save(self) -> None:
        """Write the instances, the counts and the conflicts."""
        Instance.objects.bulk_create(self.new)
        for row, counted in self.counted.items():
            changes: dict[str, Any] = {
                "instance_count": F("instance_count") + counted["instances"],
                "byte_count": F("byte_count") + counted["bytes"],
            }
            if isinstance(row, Study):
                changes["series_count"] = F("series_count") + counted["series"]
                changes["last_received_at"] = self.now
            type(row)._default_manager.filter(pk=row.pk).update(**changes)
        if self.conflicting:
            rows = Instance.objects.order_by().filter(
                sop_uid_index__in=[Digest(index) for index in self.conflicting]
            )
            studies = list(rows.values_list("series__study", flat=True))
            rows.update(is_conflicting=True)
            Study.objects.filter(pk__in=studies).update(has_conflicts=True)
        self.arrival.studies.add(*self.studies.values())

    def _study(self, header: Header) -> Study:
        uid = header.study_instance_uid
        study = self.studies.get(uid)
        if study is None:
            study = Study.objects.select_related("patient").filter(study_uid_index=uid).first()
        if study is None:
            study = self._new_study(header)
        elif not _is_same_patient(study.patient, header):
            raise KeptAside(RejectionCode.DISAGREES_WITH_STUDY)
        self.studies[uid] = study
        return study

    def _new_study(self, header: Header) -> Study:
        issuer, patient_id = self._issuer(header), header.text("PatientID")
        patient, _ = Patient.objects.get_or_create(
            identity=f"{issuer}|{patient_id}",
            defaults={"issuer": issuer, "patient_id": patient_id},
        )
        return Study.objects.create(
            patient=patient,
            study_instance_uid=header.study_instance_uid,
            accession_number=header.text("AccessionNumber"),
            patient_name=header.text("PatientName"),
            patient_birth_date=header.text("PatientBirthDate"),
            patient_sex=header.text("PatientSex"),
            study_date=header.text("StudyDate"),
            study_time=header.text("StudyTime"),
            study_description=header.text("StudyDescription"),
            institution_name=header.text("InstitutionName"),
            station_name=header.text("StationName"),
            door=self.arrival.door,
            calling_ae_title=self.arrival.calling_ae_title,
            called_ae_title=self.arrival.called_ae_title,
            peer_address=self.arrival.peer_address,
            brought_by_id=self.arrival.brought_by_id,
            first_received_at=self.now,
            last_received_at=self.now,
        )

    def _issuer(self, header: Header) -> str:
        if not header.text("PatientID"):
            return f"study {header.study_instance_uid}"
        if issuer := header.text("IssuerOfPatientID"):
            return issuer
        if institution := header.text("InstitutionName"):
            return f"institution {institution}"
        return f"sender {self.arrival.calling_ae_title}"

    def _series(self, study: Study, header: Header) -> Series:
        found = self.series.get((study.pk, header.series_instance_uid))
        if found is not None:
            return found
        series, is_new = Series.objects.get_or_create(
            study=study,
            series_uid_index=header.series_instance_uid,
            defaults={
                "series_instance_uid": header.series_instance_uid,
                "series_description": header.text("SeriesDescription"),
                "protocol_name": header.text("ProtocolName"),
                "series_number": header.number("SeriesNumber"),
                "modality": _closed(header.text("Modality"), 16),
                "manufacturer": _closed(header.text("Manufacturer"), 64),
                "manufacturer_model_name": _closed(header.text("ManufacturerModelName"), 64),
                "body_part_examined": _closed(header.text("BodyPartExamined"), 16),
                "image_type": _closed(header.text("ImageType"), 200),
                "sop_class_uid": header.sop_class_uid,
                "calling_ae_title": self.arrival.calling_ae_title,
                "called_ae_title": self.arrival.called_ae_title,
                "peer_address": self.arrival.peer_address,
            },
        )
        self.series[study.pk, header.series_instance_uid] = series
        self.counted[study]["series"] += is_new
        return series


def _is_same_patient(patient: Patient, header: Header) -> bool:
    """Tell whether a header may belong to the patient of a study that is here.

    A guessed issuer depends on the way that a file took, and a missing identifier is nobody
    else's: neither is a contradiction.
    """
    patient_id, issuer = header.text("PatientID"), header.text("IssuerOfPatientID")
    if not patient_id or not patient.patient_id:
        return True
    if not _is_equal(patient_id, patient.patient_id):
        return False
    is_known = issuer and not patient.issuer.startswith(GUESSED)
    return not is_known or _is_equal(issuer, patient.issuer)


def _is_equal(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _closed(text: str, letters: int) -> str:
    """Return text for a column in the clear: no control signs, not too long."""
    return "".join(letter for letter in text if letter.isprintable())[:letters]
