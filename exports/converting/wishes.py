"""What a specification may ask of a conversion; what it does not ask for is the safe choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MERGES = {"auto": "2", "no": "0", "yes": "1"}
SCALINGS = {"precise": "y", "displayed": "n"}


@dataclass(frozen=True)
class Wishes:
    """The options of a conversion.

    Args:
        is_compressed: `.nii.gz` instead of `.nii`.
        has_sidecar: a `.json` beside each image.
        keeps_times: when an image was made, in its sidecar and its header. Somebody who has the
            clinical PACS finds the patient by it.
        keeps_devices: serial number, station and institution.
        crops: cut away the neck of 3D acquisitions, as dcm2niix does it.
        ignores_derived: leave localizers, derived and 2D images out.
        merge: whether slices of a series become one image although echo or exposure differ.
        scaling: of Philips images, the precise or the displayed one.
    """

    is_compressed: bool = False
    has_sidecar: bool = True
    keeps_times: bool = False
    keeps_devices: bool = False
    crops: bool = False
    ignores_derived: bool = False
    merge: str = "auto"
    scaling: str = "precise"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Wishes":
        """Read them from a specification's options, which were checked when it was written."""
        return cls(
            is_compressed=bool(options.get("compress", cls.is_compressed)),
            has_sidecar=bool(options.get("sidecar", cls.has_sidecar)),
            keeps_times=bool(options.get("times", cls.keeps_times)),
            keeps_devices=bool(options.get("devices", cls.keeps_devices)),
            crops=bool(options.get("crop", cls.crops)),
            ignores_derived=bool(options.get("ignore_derived", cls.ignores_derived)),
            merge=str(options.get("merge", cls.merge)),
            scaling=str(options.get("philips", cls.scaling)),
        )

    @property
    def flags(self) -> list[str]:
        """What dcm2niix is told.

        It is never asked to compress: its own gzip is slower than compressing what it wrote, and
        the plain image equals what it makes by hand, byte for byte, until its texts are cleaned.
        """
        return [
            *("-g", "i", "-d", "0", "-z", "n", "-b", "y" if self.has_sidecar else "n"),
            *("-ba", "o" if self.keeps_times else "y"),
            *("-i", "y" if self.ignores_derived else "n", "-x", "y" if self.crops else "n"),
            *("-m", MERGES[self.merge], "-p", SCALINGS[self.scaling]),
        ]
