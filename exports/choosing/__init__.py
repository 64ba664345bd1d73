"""Which images go into a package, and where each of them goes.

Eligible is what a person has let out: verified images of live transfers. Of these the
specification chooses by the facts of each series (rules.py), and its templates give every image
its place (places.py). What was decided is written down once (arranging.py) and built from there,
also by the worker that takes over from a killed one.
"""

from exports.arranged import Image, Series, images_end, read_images, read_series, read_studies
from exports.choosing.arranging import arrange
from exports.choosing.eligible import Choice, choices, exportable, still_there
from exports.choosing.lists import ListError, read_list
from exports.choosing.trying import Tree, dry_run

__all__ = [
    "Choice",
    "Image",
    "ListError",
    "Series",
    "Tree",
    "arrange",
    "choices",
    "dry_run",
    "exportable",
    "images_end",
    "read_images",
    "read_list",
    "read_series",
    "read_studies",
    "still_there",
]
