"""Through the outermost door: the command line over the corpus, once as it is and once verified."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from deidentify.command_line import main
from rdma.selftest.planting.sheets import Sheet
from rdma.selftest.scoring import Came


def through(
    folder: Path,
    sheets: Sequence[Sheet],
    *,
    verify: bool = False,
    target: str = "out",
    profile: str = "research",
    others: int = 0,
) -> dict[str, Came]:
    """De-identify `folder`/in; return what became of each file, by its name.

    `others` is how many files are there besides the corpus.
    """
    (folder / "key").write_bytes(bytes(range(64)))
    (folder / "ids.csv").write_text(identities_csv(sheets))
    out, report = folder / target, folder / f"{target}.json"
    arguments = [
        str(folder / "in"), str(out), "--profile", profile, "--project", "BICAM",
        "--identities", str(folder / "ids.csv"), "--key-file", str(folder / "key"),
        "--report", str(report),
    ]  # fmt: skip
    main(arguments if verify else [*arguments, "--no-verify"])
    found: dict[str, Came] = {}
    for file in json.loads(report.read_text())["files"]:
        place = out / file["target"] if file["outcome"] == "written" else None
        why = f"{file['outcome']}: {file.get('code', '')} {file.get('reason', '')}"
        if file.get("findings"):
            one = file["findings"][0]
            why += f" [{one['kind']} {one['path']} {one['sure']} from {one['source_path']}]"
        found[file["source"]] = Came(place, why if place is None else "")
    assert len(found) == len(sheets) + others, "read = written + refused"
    return found


def identities_csv(sheets: Iterable[Sheet]) -> str:
    rows = {
        person.mrn: f"{person.mrn},{person.pseudonym},{person.shift}"
        for person in (sheet.person for sheet in sheets)
    }
    return "\n".join(["patient_id,pseudonym,date_shift", *rows.values()]) + "\n"
