"""Makes the engine's compact tables from what the standard publishes.

Run by hand when an edition changes, in an environment that has pydicom and highdicom:

    python deidentify/tables/make_tables.py table PS3_15_E1_1.json
    python deidentify/tables/make_tables.py elements
    python deidentify/tables/make_tables.py types

The tables are committed; the engine never needs this script, pydicom or highdicom to read them.
"""

import csv
import json
import sys
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
# What decides about an attribute inside a sequence is the IOD's type for that path; deeper
# than this the types of the leaf agree in practice, and the table stays small.
DEPTH = 2


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


def make_types() -> None:
    """Write, per SOP class, the types of the attributes of its IOD, down to DEPTH sequences.

    A line per module (`@name`, then `type tag[.tag...]`), a line per IOD listing its modules,
    a line per SOP class. 1 wins over 2 over 3 where several modules name an attribute.
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
    wanted = _tags_that_types_decide()
    with (HERE / "iod_types.txt").open("w") as file:
        file.write("# PS3.3 attribute types, from the tables highdicom carries (edition 2024e)\n")
        for sop_class, iod in sorted(classes.items()):
            file.write(f"S {sop_class} {iod}\n")
        for iod, parts in sorted(iods.items()):
            file.write(f"I {iod} {_modules_of(parts)}\n")
        for module, attributes in sorted(modules.items()):
            lines = sorted(set(_type_lines(attributes, wanted, tag_for_keyword)))
            if lines:
                file.write(f"M {module} {' '.join(lines)}\n")


def _modules_of(parts: list[dict[str, str]]) -> str:
    return " ".join(f"{part['key']}:{part['usage']}" for part in parts)


def _tags_that_types_decide() -> set[int]:
    with (HERE / "ps3_15_e1_1.csv").open() as file:
        next(file)
        return {
            int(row["tag"], 16)
            for row in csv.DictReader(file)
            if row["tag"].isalnum() and "x" not in row["tag"] and row["tag"] != "private"
        }


def _type_lines(attributes: list[dict[str, Any]], wanted: set[int], tag_of: Any) -> list[str]:
    lines = []
    for attribute in attributes:
        tag = tag_of(attribute["keyword"])
        if tag not in wanted or attribute["type"] not in ("1", "1C", "2", "2C", "3"):
            continue
        parents = [tag_of(keyword) for keyword in attribute["path"]]
        if None in parents or len(parents) > DEPTH or attribute["type"] == "3":
            continue  # type 3 is what an attribute is when nothing says otherwise
        path = ".".join(f"{int(part):08x}" for part in [*parents, tag])
        lines.append(f"{attribute['type']}:{path}")
    return lines


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["table", source]:
            make_table(Path(source))
        case ["elements"]:
            make_elements()
        case ["types"]:
            make_types()
        case _:
            raise SystemExit(__doc__)
