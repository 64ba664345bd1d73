"""DICOM files of a check, summed over the whole heap: what each element holds, and whose it is.

Series are read one after another as they come; what is kept are sums. Patients and studies are
numbers here: their identifiers are values like others.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from deidentify.errors import Refused
from deidentify.header import Header, read_header
from deidentify.inventory import ElementRow, SeriesInventory
from deidentify.leaks import SearchTerms
from review.risk import looks_of

OPEN_AT_ONCE = 3
"""Series whose files are counted side by side; more are read one behind the other."""
VALUE_CAP = 2000
CLASS_MODALITY = "(0008,0060)"
IDENTITY_REMOVED, BURNED_IN = "(0012,0062)", "(0028,0301)"

SeriesKey = tuple[str, str, str]


@dataclass
class ValueSum:
    """One value: its files, and the patients and studies that have it."""

    looks: str
    files: int = 0
    patients: set[int] = field(default_factory=set)
    studies: set[int] = field(default_factory=set)


@dataclass
class ElementSum:
    """One element path of the heap."""

    tag: str
    keyword: str
    creator: str
    vrs: Counter[str] = field(default_factory=Counter)
    files: int = 0
    studies: set[int] = field(default_factory=set)
    values: dict[str, ValueSum] = field(default_factory=dict)
    unlisted: int = 0
    by_patient: dict[int, set[int]] = field(default_factory=dict)
    sop_classes: set[str] = field(default_factory=set)

    @property
    def vr(self) -> str:
        """The VR that most files have."""
        return self.vrs.most_common(1)[0][0]

    @property
    def across(self) -> str:
        """How values compare from patient to patient; see review.models.Across."""
        sets = {frozenset(values) for values in self.by_patient.values()}
        if len(self.by_patient) <= 1:
            return "one"
        if len(sets) > 1:
            return "differ"
        return "same" if all(len(values) <= 1 for values in sets) else "same_set"

    @property
    def within(self) -> str:
        """How values compare inside one patient; see review.models.Within."""
        return "differ" if any(len(values) > 1 for values in self.by_patient.values()) else "same"


class DicomSums:
    """The sums over all DICOM files of a check; `take` one after another, then `close`."""

    def __init__(self) -> None:
        self.terms = SearchTerms()
        self.elements: dict[str, ElementSum] = {}
        self.files = 0
        self.unread: list[tuple[str, str]] = []
        self.said: Counter[str] = Counter()
        """Files by what their series say: identity removed or not, text burned in or unsaid."""
        self._patients: dict[str, int] = {}
        self._studies: dict[str, int] = {}
        self._open: OrderedDict[SeriesKey, tuple[SeriesInventory, Header]] = OrderedDict()

    @property
    def patient_count(self) -> int:
        """How many Patient IDs there are."""
        return len(self._patients)

    @property
    def study_count(self) -> int:
        """How many studies there are."""
        return len(self._studies)

    def take(self, path: Path, place: str) -> None:
        """Count one file."""
        try:
            header = read_header(path)
            self.terms.read(path)
        except Refused as refused:
            self.unread.append((place, str(refused)))
            return
        except Exception:  # noqa: BLE001 - a damaged file raises anything; its text may quote it
            self.unread.append((place, "It is DICOM, but damaged: it cannot be read."))
            return
        self.files += 1
        key = (header.patient_id, header.study_instance_uid, header.series_instance_uid)
        if key not in self._open:
            while len(self._open) >= OPEN_AT_ONCE:
                self._fold()
            self._open[key] = (SeriesInventory(), header)
        inventory, _ = self._open[key]
        inventory.add(path)

    def close(self) -> None:
        """Sum what is still open; nothing is taken afterwards."""
        while self._open:
            self._fold()

    def _fold(self) -> None:
        """Add the series that was opened first to the sums."""
        (patient_id, study_uid, _), (inventory, header) = self._open.popitem(last=False)
        patient = self._patients.setdefault(patient_id, len(self._patients))
        study = self._studies.setdefault(study_uid, len(self._studies))
        rows = {row.path: row for row in inventory.rows()}
        for row in rows.values():
            self._add(row, patient, study, header.sop_class_uid)
        self._note(rows, inventory.instances, header.sop_class_uid)

    def _add(self, row: ElementRow, patient: int, study: int, sop_class_uid: str) -> None:
        element = self.elements.get(row.path)
        if element is None:
            element = self.elements[row.path] = ElementSum(row.tag, row.keyword, row.creator)
        element.vrs[row.vr] += row.instances
        element.files += row.instances
        element.studies.add(study)
        element.sop_classes.add(sop_class_uid)
        element.unlisted += row.distinct - len(row.values)
        own = element.by_patient.setdefault(patient, set())
        for text, files in row.values.items():
            own.add(hash(text))
            value = element.values.get(text)
            if value is None:
                looks = looks_of(text)
                if len(element.values) >= VALUE_CAP and not looks:
                    element.unlisted += 1
                    continue
                value = element.values[text] = ValueSum(looks)
            value.files += files
            value.patients.add(patient)
            value.studies.add(study)

    def _note(self, rows: dict[str, ElementRow], files: int, sop_class_uid: str) -> None:
        """Count what the series says of itself."""
        removed = _files_with(rows, IDENTITY_REMOVED, "YES")
        self.said["not removed"] += files - removed
        burned, clean = _files_with(rows, BURNED_IN, "YES"), _files_with(rows, BURNED_IN, "NO")
        self.said["burned in"] += burned
        if _may_be_burned(rows, sop_class_uid):
            self.said["unsaid"] += max(files - burned - clean, 0)


BURNED_OFTEN = frozenset({"US", "ES", "XC", "OT", "SC", "GM", "IVUS", "OP", "XA", "RF"})
"""Modalities whose pictures often carry text: screens, photographs, films that were scanned."""
SECONDARY_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"


def _may_be_burned(rows: dict[str, ElementRow], sop_class_uid: str) -> bool:
    modality = rows.get(CLASS_MODALITY)
    is_often = modality is not None and not BURNED_OFTEN.isdisjoint(modality.values)
    return is_often or sop_class_uid.startswith(SECONDARY_CAPTURES)


def _files_with(rows: dict[str, ElementRow], path: str, value: str) -> int:
    row = rows.get(path)
    return row.values.get(value, 0) if row else 0
