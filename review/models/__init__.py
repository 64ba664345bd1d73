"""The research copy, and the sums of its tag index."""

from review.models.checks import Check, CheckElement, CheckFinding, CheckState
from review.models.elements import Across, Element, ElementValue, Value, Within
from review.models.index import ProjectIndex
from review.models.origins import ElementDecision, ElementLook, ElementUse, Origin, OriginValue
from review.models.packages import (
    InventoryState,
    PackageElement,
    PackageInventory,
    PackageRemark,
    PackageValue,
)
from review.models.sign_offs import SignOff
from review.models.studies import IndexState, ResearchSeries, ResearchStudy
from review.models.sums import (
    ParticipantElement,
    ParticipantValue,
    SeriesElement,
    SeriesValue,
    StudyElement,
)
from review.models.verdicts import JudgedHandling, JudgedValue, KnownElement, Verdict
from review.models.views import SavedView
from review.states import Covers, Judgement, Standing, ValueStanding

__all__ = [
    "Across",
    "Check",
    "CheckElement",
    "CheckFinding",
    "CheckState",
    "Covers",
    "Element",
    "ElementDecision",
    "ElementLook",
    "ElementUse",
    "ElementValue",
    "IndexState",
    "InventoryState",
    "JudgedHandling",
    "JudgedValue",
    "Judgement",
    "KnownElement",
    "Origin",
    "OriginValue",
    "PackageElement",
    "PackageInventory",
    "PackageRemark",
    "PackageValue",
    "ParticipantElement",
    "ParticipantValue",
    "ProjectIndex",
    "ResearchSeries",
    "ResearchStudy",
    "SavedView",
    "SeriesElement",
    "SeriesValue",
    "SignOff",
    "Standing",
    "StudyElement",
    "Value",
    "ValueStanding",
    "Verdict",
    "Within",
]
