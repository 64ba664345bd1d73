"""The conformance check: what breaks the standard in an output, and did not in its source.

It reads both files by itself and asks the tables of PS3.3 and PS3.6: attributes that the IOD
requires, values, file meta information, references inside the transfer, and whether the
instances of a study agree.
"""

from deidentify.conformance.agreement import Agreement
from deidentify.conformance.check import ConformanceCheck

__all__ = ["Agreement", "ConformanceCheck"]
