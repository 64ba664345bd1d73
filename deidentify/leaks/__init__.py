"""The leak check: proof, independent of the rewriting, that no identifier survived.

`SearchTerms` collects from the source headers what must not be left, `LeakCheck` looks for it
in every byte of an output and compares what is not searched with the source.
"""

from deidentify.leaks.check import LeakCheck
from deidentify.leaks.finding import Finding
from deidentify.leaks.terms import SearchTerms

__all__ = ["Finding", "LeakCheck", "SearchTerms"]
