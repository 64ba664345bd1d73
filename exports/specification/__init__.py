"""The specification of a package as data: its parts, reading and writing it, comparing versions."""

from exports.specification.errors import Problem, SpecificationError
from exports.specification.parts import (
    Attachment,
    Listed,
    Selection,
    SeriesRule,
    Specification,
    Transformation,
)
from exports.specification.reading import read_specification
from exports.specification.text import canonical_text, from_yaml, to_yaml

__all__ = [
    "Attachment",
    "Listed",
    "Problem",
    "Selection",
    "SeriesRule",
    "Specification",
    "SpecificationError",
    "Transformation",
    "canonical_text",
    "from_yaml",
    "read_specification",
    "to_yaml",
]
