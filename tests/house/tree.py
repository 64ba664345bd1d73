"""The files of the house: what is tracked or about to be, and nothing that is ignored."""

import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """Return every file of the house, relative to its root.

    Without git (an unpacked archive) there is no list to go by, and the call fails.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if (ROOT / path).is_file())


def modules() -> tuple[Path, ...]:
    """Return every Python file but migrations, relative to the root."""
    return tuple(
        path for path in files() if path.suffix == ".py" and "migrations" not in path.parts
    )


def text(path: Path) -> str:
    """Return a file's text; bytes that are no text show as replacement characters."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")
