"""What can go wrong with something that arrives.

KeptAside        one file cannot be catalogued: it is kept aside with a reason, and the rest goes on
"""


class KeptAside(Exception):
    """This file or member is not catalogued; `code` is one of RejectionCode, and says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
