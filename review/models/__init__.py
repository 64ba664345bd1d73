"""The research copy, and the sums of its tag index."""

from review.models.elements import Across, Element, ElementUse, ElementValue, Value, Within
from review.models.index import ProjectIndex
from review.models.studies import IndexState, ResearchSeries, ResearchStudy
from review.models.sums import ParticipantElement, ParticipantValue, SeriesElement, SeriesValue
from review.models.views import SavedView

__all__ = [
    "Across",
    "Element",
    "ElementUse",
    "ElementValue",
    "IndexState",
    "ParticipantElement",
    "ParticipantValue",
    "ProjectIndex",
    "ResearchSeries",
    "ResearchStudy",
    "SavedView",
    "SeriesElement",
    "SeriesValue",
    "Value",
    "Within",
]
