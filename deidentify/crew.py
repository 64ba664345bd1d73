"""One worker, or several processes of it, over a list of files."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from deidentify.folder_worker import Worker

if TYPE_CHECKING:
    from concurrent.futures import Future

MOST_AT_ONCE = 64
ROUNDS = 6

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]

_worker: list[Worker] = []


class Crew:
    """Does the same with every file of a list.

    Args:
        worker: copied into every process as it is when a list is begun.
        jobs: processes.
        progress: told how many of a list's files are done, and of how many.
    """

    def __init__(self, worker: Worker, jobs: int, progress: Progress | None) -> None:
        self.worker = worker
        self.jobs = jobs
        self.progress = progress or (lambda done, total: None)

    def each(
        self,
        work: Callable[[Worker, Item], Answer],
        items: Sequence[Item],
        lost: Callable[[Item], Answer],
    ) -> list[Answer]:
        """Return the answer for every item, in their order.

        Args:
            work: a method of Worker.
            items: neighbours in the list are done by the same process.
            lost: the answer for an item that kills the process it is given to.
        """
        if self.jobs == 1 or len(items) < 2 * self.jobs:
            answers = []
            for number, item in enumerate(items, 1):
                answers.append(work(self.worker, item))
                self.progress(number, len(items))
            return answers
        # Imported late: a run with one process does without.
        from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
        from multiprocessing import get_context

        size = max(1, min(MOST_AT_ONCE, len(items) // (ROUNDS * self.jobs)))
        slices = [items[start : start + size] for start in range(0, len(items), size)]
        _worker[:] = [self.worker]
        answers = []
        with ProcessPoolExecutor(self.jobs, get_context("fork")) as pool:
            futures: list[Future[list[Answer]]] = [
                pool.submit(_all_of, work, part) for part in slices
            ]
            for part, future in zip(slices, futures, strict=True):
                try:
                    answers += future.result()
                except BrokenExecutor:
                    answers += [_alone(work, item, lost) for item in part]
                self.progress(len(answers), len(items))
        return answers


def _alone(
    work: Callable[[Worker, Item], Answer], item: Item, lost: Callable[[Item], Answer]
) -> Answer:
    """Give an item a process of its own, because one died that had it and others to do."""
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        try:
            return pool.submit(_all_of, work, [item]).result()[0]
        except BrokenExecutor:
            return lost(item)


def _all_of(work: Callable[[Worker, Item], Answer], items: Sequence[Item]) -> list[Answer]:
    return [work(_worker[0], item) for item in items]
