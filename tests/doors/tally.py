"""How many doors the tests of this run have tried, by what kind: printed at the end."""

from collections import Counter

TALLY: Counter[str] = Counter()
