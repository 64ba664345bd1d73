"""What BIDS demands of an image and its sidecar: filled in where it is known, told where not."""

from collections.abc import Mapping
from typing import Any

from exports.bids.entities import SUFFIXES
from exports.bids.images import Named
from exports.converting.headers import Shape

PHASES = ("phase1", "phase2")
# dcm2niix's own notes that say nothing of the image and would contradict a mapping
NOT_KEPT = ("BidsGuess",)


def completed(facts: Mapping[str, Any], named: Named, shape: Shape) -> dict[str, Any]:
    """Return a sidecar with what BIDS wants besides; nothing is invented."""
    whole = {name: value for name, value in facts.items() if name not in NOT_KEPT}
    if named.datatype == "func":
        whole = {"TaskName": named.entities.get("task", ""), **whole}
        if "RepetitionTime" not in whole and shape.seconds > 0:
            whole["RepetitionTime"] = round(shape.seconds, 6)
    if named.suffix == "fieldmap":
        whole["Units"] = "Hz"
    return whole


def shortcomings(
    facts: Mapping[str, Any], named: Named, shape: Shape, *, has_gradients: bool
) -> str:
    """Say in a sentence why an image cannot have its place in the data set; "" if it can."""
    one = SUFFIXES.get(f"{named.datatype}/{named.suffix}")
    needed = ("EchoTime",) if named.suffix in PHASES else one.fields if one else ()
    missing = [name for name in needed if facts.get(name) in (None, "")]
    if missing:
        return (
            f"BIDS demands {', '.join(missing)} of {named.suffix} images, and dcm2niix found none."
        )
    if one is None:
        return ""
    if one.volumes == 1 and shape.volumes > 1:
        return f"It has {shape.volumes} volumes, and {named.suffix} images have one."
    if one.volumes > 1 and shape.volumes < one.volumes:
        return f"It has one volume, and {named.suffix} images have several."
    if one.has_gradients and not has_gradients:
        return "BIDS demands gradients of diffusion images, and dcm2niix found none."
    return ""
