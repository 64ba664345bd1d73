"""Generate the studies that the engine is measured with.

    python -m benchmarks.studies mr FOLDER --images 600 --seed 1

The same kind, number and seed give the same bytes. No image's UID, and none of those of the images
it refers to, stands in two files; what a study or a series shares is shared. The patient is
invented.
"""

import argparse
from pathlib import Path

from benchmarks.invented import Uids
from benchmarks.kinds import KINDS


def write_study(kind: str, folder: Path, *, images: int, seed: int) -> int:
    """Write a study of one kind into a new folder; return its size in bytes."""
    folder.mkdir(parents=True)
    for number, image in enumerate(KINDS[kind](Uids(seed), images), start=1):
        image.save_as(folder / f"IM{number:06}.dcm", enforce_file_format=True)
    return sum(path.stat().st_size for path in folder.iterdir())


def main() -> None:
    """Write a study and say how large it became."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder", type=Path, help="is made; must not be there")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    size = write_study(options.kind, options.folder, images=options.images, seed=options.seed)
    print(f"{options.kind}: {options.images} images, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
