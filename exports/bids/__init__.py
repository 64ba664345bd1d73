"""BIDS: which series is which kind of image, and what its files are called.

A project keeps a mapping (exports/models/mappings.py) from kinds of series to places in a BIDS
data set. What the mapping does not know yet is guessed where a description says it plainly.

Source: Brain Imaging Data Structure 1.10.
"""

VERSION = "1.10.0"
