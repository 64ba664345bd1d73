"""Which files BIDS knows, what tells them apart, and what their sidecars must say: as tables.

Source: Brain Imaging Data Structure 1.10, "Modality specific files" and "Entity table".
"""

from collections.abc import Mapping
from dataclasses import dataclass

ORDER = ("sub", "ses", "task", "acq", "ce", "trc", "rec", "dir", "run", "echo", "part")
"""Of the entities in a file name, as far as they are used here."""
CHOSEN = {
    "task": "Task",
    "acq": "Acquisition",
    "ce": "Contrast agent",
    "trc": "Tracer",
    "rec": "Reconstruction",
    "dir": "Phase encoding direction",
}
"""What a person fills in, with its words; runs, echoes and parts are told by the images."""

MRI = ("PhaseEncodingDirection", "TotalReadoutTime")
_ASL = (
    *("ArterialSpinLabelingType", "PostLabelingDelay", "BackgroundSuppression", "M0Type"),
    *("RepetitionTimePreparation", "MagneticFieldStrength", "MRAcquisitionType", "EchoTime"),
    "TotalAcquiredPairs",
)
_PET = (
    *("TracerName", "TracerRadionuclide", "InjectedRadioactivity", "InjectedRadioactivityUnits"),
    *("InjectedMass", "InjectedMassUnits", "SpecificRadioactivity", "SpecificRadioactivityUnits"),
    *("ModeOfAdministration", "TimeZero", "ScanStart", "InjectionStart", "FrameTimesStart"),
    *("FrameDuration", "AcquisitionMode", "ImageDecayCorrected", "ImageDecayCorrectionTime"),
    *("ReconMethodName", "ReconMethodParameterLabels", "ReconFilterType", "AttenuationCorrection"),
)


@dataclass(frozen=True)
class Suffix:
    """A kind of file.

    Args:
        datatype: its folder.
        title: what it is, in words.
        entities: what may tell its files apart; the first ones of `needs` must.
        needs: entities that it cannot do without.
        fields: what its sidecar must say.
        volumes: how many volumes it must have: 0 any, 1 one, 2 several.
        has_gradients: whether `.bval` and `.bvec` must lie beside it.
    """

    datatype: str
    title: str
    entities: tuple[str, ...]
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    volumes: int = 0
    has_gradients: bool = False


_ANAT = ("acq", "ce", "rec", "run", "echo", "part")
_FMAP = ("acq", "run")
_FUNC = ("task", "acq", "ce", "rec", "dir", "run", "echo", "part")
_DWI = ("acq", "rec", "dir", "run", "part")

SUFFIXES: Mapping[str, Suffix] = {
    "anat/T1w": Suffix("anat", "T1-weighted", _ANAT),
    "anat/T2w": Suffix("anat", "T2-weighted", _ANAT),
    "anat/FLAIR": Suffix("anat", "FLAIR", _ANAT),
    "anat/PDw": Suffix("anat", "Proton density", _ANAT),
    "anat/PDT2": Suffix("anat", "Proton density and T2 in one series", _ANAT),
    "anat/T2starw": Suffix("anat", "T2*-weighted, susceptibility", _ANAT),
    "anat/inplaneT1": Suffix("anat", "T1 in the plane of the functional images", _ANAT),
    "anat/inplaneT2": Suffix("anat", "T2 in the plane of the functional images", _ANAT),
    "anat/angio": Suffix("anat", "Angiography", _ANAT),
    "func/bold": Suffix(
        "func", "BOLD", _FUNC, needs=("task",), fields=("TaskName", "RepetitionTime"), volumes=2
    ),
    "func/sbref": Suffix("func", "Reference of a BOLD run", _FUNC, needs=("task",), volumes=1),
    "dwi/dwi": Suffix("dwi", "Diffusion", _DWI, has_gradients=True),
    "dwi/sbref": Suffix("dwi", "Reference of a diffusion run", _DWI, volumes=1),
    "fmap/magnitude": Suffix("fmap", "Field map: magnitude", _FMAP, volumes=1),
    "fmap/phasediff": Suffix(
        "fmap", "Field map: phase", _FMAP, fields=("EchoTime1", "EchoTime2"), volumes=1
    ),
    "fmap/fieldmap": Suffix("fmap", "Field map in Hz", _FMAP, fields=("Units",), volumes=1),
    "fmap/epi": Suffix(
        "fmap",
        "Field map: EPI of opposite directions",
        ("acq", "ce", "dir", "run"),
        needs=("dir",),
        fields=MRI,
    ),
    "perf/asl": Suffix(
        "perf", "Arterial spin labelling", ("acq", "rec", "dir", "run"), fields=_ASL, volumes=2
    ),
    "perf/m0scan": Suffix(
        "perf",
        "Reference of arterial spin labelling",
        ("acq", "rec", "dir", "run"),
        fields=("RepetitionTimePreparation", "EchoTime"),
    ),
    "pet/pet": Suffix("pet", "PET", ("task", "trc", "rec", "run"), fields=_PET),
}
"""By datatype and suffix, as a mapping names them."""

OF_MODALITY = {"MR": ("anat", "func", "dwi", "fmap", "perf"), "PT": ("pet",)}
"""Which folders a modality can have; BIDS knows no computed tomography."""


def stem(entities: Mapping[str, str], suffix: str) -> str:
    """Return a file name without its ending: `sub-01_ses-baseline_task-rest_bold`."""
    parts = [f"{name}-{entities[name]}" for name in ORDER if entities.get(name)]
    return "_".join([*parts, suffix])


def kinds_for(modality: str) -> list[str]:
    """Return the keys of SUFFIXES that a series of a modality can be."""
    folders = OF_MODALITY.get(modality, ())
    return [key for key, one in SUFFIXES.items() if one.datatype in folders]
