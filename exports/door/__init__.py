"""The leak check at the door: a finished package is read back before anybody can take it.

What the pipeline proved and what is packed as it was is told by its sum. Everything else is
searched for what is known of all participants in the package: names of members and folders, the
zip's own comments, changed headers, NIfTI headers, sidecars, tables, texts, pictures, the directory
of a medium. A finding holds the package until a person has decided.
"""

from exports.door.examining import examine

__all__ = ["examine"]
