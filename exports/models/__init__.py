"""The rows of this room."""

from exports.models.deliveries import Delivery, PackageDestination
from exports.models.findings import Examination, PackageFinding
from exports.models.links import Download, DownloadLink, OutsideLinks
from exports.models.mappings import BidsMapping
from exports.models.packages import KEPT, Package
from exports.models.specifications import (
    SpecificationOffer,
    SpecificationSheet,
    SpecificationVersion,
)
from exports.models.tables import ParticipantRow, ParticipantTable

__all__ = [
    "KEPT",
    "BidsMapping",
    "Delivery",
    "Download",
    "DownloadLink",
    "Examination",
    "OutsideLinks",
    "Package",
    "PackageDestination",
    "PackageFinding",
    "ParticipantRow",
    "ParticipantTable",
    "SpecificationOffer",
    "SpecificationSheet",
    "SpecificationVersion",
]
