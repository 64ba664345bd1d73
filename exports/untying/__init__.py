"""Packages from which nothing leads back: fresh identifiers, UIDs, dates and order, never kept."""

from exports.untying.cutting import cut_ties
from exports.untying.drawing import Drawn
from exports.untying.linkable import what_stays_linkable
from exports.walking.pseudonyms import Pseudonyms

__all__ = ["Drawn", "Pseudonyms", "cut_ties", "what_stays_linkable"]
