"""Makes the engine's compact tables from what the standard publishes.

Run by hand when an edition changes, in an environment that has pydicom and highdicom:

    python deidentify/tables/make_tables.py table PS3_15_E1_1.json
    python deidentify/tables/make_tables.py elements
    python deidentify/tables/make_tables.py types
    python deidentify/tables/make_tables.py multiplicities

The tables are committed; the engine never needs this script, pydicom or highdicom to read them.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OPTIONS = {
    "rtnSafePrivOpt": "safe_private",
    "rtnUIDsOpt": "uids",
    "rtnDevIdOpt": "device",
    "rtnInstIdOpt": "institution",
    "rtnPatCharsOpt": "patient_characteristics",
    "rtnLongFullDatesOpt": "full_dates",
    "rtnLongModifDatesOpt": "modified_dates",
    "cleanDescOpt": "descriptors",
    "cleanStructContOpt": "structured_content",
    "cleanGraphOpt": "graphics",
}
# Retired SOP classes that archives still hold, and the IOD that took their place.
RETIRED = {
    "1.2.840.10008.5.1.1.27": "secondary-capture-image",  # Stored Print
    "1.2.840.10008.5.1.4.1.1.3": "ultrasound-multi-frame-image",
    "1.2.840.10008.5.1.4.1.1.5": "nuclear-medicine-image",
    "1.2.840.10008.5.1.4.1.1.6": "ultrasound-image",
    "1.2.840.10008.5.1.4.1.1.12.3": "x-ray-angiographic-image",
    "1.2.840.10008.5.1.4.1.1.77.1": "vl-photographic-image",
    "1.2.840.10008.5.1.4.1.1.77.2": "video-photographic-image",
    "1.2.840.10008.5.1.4.1.1.88.1": "basic-text-sr",
    "1.2.840.10008.5.1.4.1.1.88.2": "basic-text-sr",
    "1.2.840.10008.5.1.4.1.1.88.3": "enhanced-sr",
    "1.2.840.10008.5.1.4.1.1.88.4": "comprehensive-sr",
    "1.2.840.10008.5.1.4.34.1": "rt-beams-delivery-instruction",
}
TYPES = ("1", "1C", "2", "2C", "3")


def make_table(source: Path) -> None:
    """Write Table E.1-1, one row per attribute, in tag order."""
    rows = json.loads(source.read_text())
    edition = "PS3.15 Table E.1-1, base actions of 2026c, option columns of 2024e (rows newer than"
    with (HERE / "ps3_15_e1_1.csv").open("w", newline="") as file:
        file.write(f"# {edition} 2024e have none known)\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tag", "name", "in_iod", "basic", *OPTIONS.values()])
        for row in sorted(rows, key=lambda row: row["id"]):
            tag = "private" if row["id"].startswith("gggg") else row["id"]
            cells = [tag, row["name"], row.get("stdCompIOD", ""), row["basicProfile"]]
            writer.writerow(cells + [row.get(option, "") for option in OPTIONS])


def make_elements() -> None:
    """Write tag, VR, keyword of every public element, for implicit VR and for explaining."""
    from pydicom import __version__
    from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

    with (HERE / "elements.txt").open("w") as file:
        file.write(f"# PS3.6 data dictionary as pydicom {__version__} carries it\n")
        for tag, (vr, _, _, _, keyword) in sorted(DicomDictionary.items()):
            file.write(f"{tag:08x} {vr.split(' or ')[-1]} {keyword}\n")
        for pattern, (vr, _, _, _, keyword) in sorted(RepeatersDictionary.items()):
            file.write(f"{pattern} {vr.split(' or ')[-1]} {keyword}\n")


def make_multiplicities() -> None:
    """Write tag, VM and VRs of the public elements that differ from one value of one VR."""
    from pydicom import __version__
    from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

    rows = {f"{tag:08x}": row for tag, row in DicomDictionary.items()}
    with (HERE / "multiplicities.txt").open("w") as file:
        file.write(f"# PS3.6 VM and VRs where not 1 and one, as pydicom {__version__} has them\n")
        for tag, (vr, vm, _, _, _) in sorted((rows | RepeatersDictionary).items()):
            if vm != "1" or " or " in vr:
                file.write(f"{tag} {vm} {vr.replace(' or ', '/')}\n")


def make_types() -> None:
    """Write, per SOP class, the types of the attributes of its IOD.

    A line per SOP class, a line per IOD listing its modules, a line per module with
    `type:tag` at its top level. Inside sequences an attribute has nearly always the type that
    its sequence gives it, wherever that sequence stands: a line per sequence says it once for
    all IODs. The few that differ are listed by their whole path in their module.
    """
    from pydicom.datadict import tag_for_keyword

    spec = find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is needed to make this table.")
    folder = Path(spec.origin).parent / "_standard"
    classes, iods, modules = (
        json.loads((folder / name).read_text())
        for name in ("sop_class_iod_map.json", "iod_module_map.json", "module_attribute_map.json")
    )
    types = {
        module: dict(_types(attributes, tag_for_keyword)) for module, attributes in modules.items()
    }
    nested: dict[tuple[int, int], Counter[str]] = {}
    for paths in types.values():
        for path, kind in paths.items():
            if len(path) > 1:
                nested.setdefault((path[-2], path[-1]), Counter())[kind] += 1
    usual = {pair: kinds.most_common(1)[0][0] for pair, kinds in nested.items()}
    with (HERE / "iod_types.txt").open("w") as file:
        file.write("# PS3.3 attribute types, from the tables highdicom carries (edition 2024e)\n")
        for sop_class, iod in sorted((RETIRED | classes).items()):
            file.write(f"S {sop_class} {iod}\n")
        for iod, parts in sorted(iods.items()):
            file.write(f"I {iod} {_modules_of(parts)}\n")
        for module, paths in sorted(types.items()):
            entries = sorted(
                f"{kind}:{'.'.join(f'{tag:08x}' for tag in path)}"
                for path, kind in paths.items()
                if kind != (usual[path[-2], path[-1]] if len(path) > 1 else "3")
            )
            if entries:
                file.write(f"M {module} {' '.join(entries)}\n")
        for parent in sorted({parent for parent, _ in usual}):
            entries = sorted(
                f"{kind}:{leaf:08x}"
                for (holder, leaf), kind in usual.items()
                if holder == parent and kind != "3"
            )
            if entries:
                file.write(f"N {parent:08x} {' '.join(entries)}\n")


def _modules_of(parts: list[dict[str, str]]) -> str:
    return " ".join(f"{part['key']}:{part['usage']}" for part in parts)


def _types(attributes: list[dict[str, Any]], tag_of: Any) -> Iterator[tuple[tuple[int, ...], str]]:
    for attribute in attributes:
        tag = tag_of(attribute["keyword"])
        parents = [tag_of(keyword) for keyword in attribute["path"]]
        if tag is not None and attribute["type"] in TYPES and None not in parents:
            yield (*(int(parent) for parent in parents), int(tag)), attribute["type"]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["table", source]:
            make_table(Path(source))
        case ["elements"]:
            make_elements()
        case ["multiplicities"]:
            make_multiplicities()
        case ["types"]:
            make_types()
        case _:
            raise SystemExit(__doc__)
