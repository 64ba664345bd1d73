"""What the files of a converted series are called where no standard says it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from exports.choosing import Series
from exports.converting.outputs import Output
from exports.naming.safe import UNSAFE, Names, slug

LARGEST = 99_999_999


def stems(all_series: Iterable[Series]) -> dict[int, str]:
    """Return by its running number what the files of a series begin with.

    That is the name of its folder; of a folder for many series, their numbers and descriptions.
    """
    listed = list(all_series)
    shared = Counter(one.folder for one in listed)
    names: dict[str, Names] = {}
    return {
        one.series: names.setdefault(one.folder, Names()).give(
            _of_its_own(one) if shared[one.folder] > 1 else one.folder.rsplit("/", 1)[-1]
        )
        for one in listed
    }


def _of_its_own(series: Series) -> str:
    number = f"{min(max(series.number or 0, 0), LARGEST):04}"
    words = slug(series.description, "")
    return f"{number}_{words}" if words else number


def named(outputs: Iterable[Output], stem: str) -> Iterator[tuple[str, Output]]:
    """Yield the outputs of a series, each with what its files are called before the ending."""
    names = Names()
    for output in outputs:
        yield names.give(f"{stem}{UNSAFE.sub('_', output.kind)}"), output
