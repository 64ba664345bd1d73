"""Counting elements by a plain loop over files, by pydicom alone: the yardstick of the index."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pydicom


@dataclass
class Counted:
    """By element path: instances that have it, and in which series, studies and participants."""

    instances: Counter = field(default_factory=Counter)
    series: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    studies: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    participants: dict[str, set] = field(default_factory=lambda: defaultdict(set))

    def sizes(self) -> dict[str, tuple[int, int, int, int]]:
        """The four numbers of each path."""
        sets = (self.series, self.studies, self.participants)
        return {
            path: (number, *(len(found[path]) for found in sets))
            for path, number in self.instances.items()
        }


def independently_counted(files: Iterable[tuple[Hashable, Path]]) -> Counted:
    """Count the elements of files, each with the participant whose it is."""
    counted = Counted()
    for participant, path in files:
        dataset = pydicom.dcmread(path)
        paths = set()
        collect_paths(dataset, "", paths)
        counted.instances.update(paths)
        for one in paths:
            counted.series[one].add((dataset.StudyInstanceUID, dataset.SeriesInstanceUID))
            counted.studies[one].add(dataset.StudyInstanceUID)
            counted.participants[one].add(participant)
    return counted


def collect_paths(dataset: pydicom.Dataset, prefix: str, paths: set[str]) -> None:
    """Add the path of every element, sequences entered, private ones by their creator."""
    for one in dataset:
        if one.tag.is_private and one.tag.element > 0xFF:
            creator = dataset[one.tag.group, one.tag.element >> 8].value.strip()
            name = f'({one.tag.group:04X},"{creator}",{one.tag.element & 0xFF:02X})'
        else:
            name = f"({one.tag.group:04X},{one.tag.element:04X})"
        paths.add(prefix + name)
        if one.VR == "SQ":
            for item in one.value:
                collect_paths(item, prefix + name, paths)
