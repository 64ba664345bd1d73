"""The rows of this room."""

from exports.models.deliveries import Delivery, PackageDestination
from exports.models.links import Download, DownloadLink, OutsideLinks
from exports.models.packages import KEPT, Package

__all__ = [
    "KEPT",
    "Delivery",
    "Download",
    "DownloadLink",
    "OutsideLinks",
    "Package",
    "PackageDestination",
]
