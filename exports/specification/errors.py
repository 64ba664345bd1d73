"""What is wrong with a specification, place by place."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where (`selection.include[2].value`), and a sentence about it.

    Places count from 1, as people do. The sentence never repeats what was typed.
    """

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class SpecificationError(Exception):
    """The specification cannot be used. It has all of its problems, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(str(problem) for problem in self.problems))
