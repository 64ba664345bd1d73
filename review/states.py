"""What a reviewer can say, and how an element then stands: tables that code reads."""

from django.db import models


class Judgement(models.TextChoices):
    """What a verdict says."""

    SAFE = "safe", "Safe"
    UNSAFE = "unsafe", "Not safe"
    UNSURE = "unsure", "Unsure"


class Standing(models.TextChoices):
    """How an element stands, all verdicts on it and on its values taken together."""

    UNJUDGED = "unjudged", "To judge"
    NEW = "new", "New"
    UNSURE = "unsure", "Unsure"
    UNSAFE = "unsafe", "Not safe"
    SAFE = "safe", "Safe"


OPEN = (Standing.UNJUDGED, Standing.NEW, Standing.UNSURE)
"""What still waits for a person before a project can be signed off without exceptions."""
JUDGED = (Standing.SAFE, Standing.UNSAFE, Standing.UNSURE)
"""What the progress counts as judged."""


class Covers(models.TextChoices):
    """Which values a verdict on a whole element speaks of."""

    LISTED = "listed", "the values that are listed now"
    WHATEVER = "whatever", "whatever its values"


class ValueStanding(models.TextChoices):
    """How one value of one element stands; "" as long as nobody began with the element."""

    UNSEEN = "", "To judge"
    OPEN = "open", "To judge"
    SAFE = "safe", "Safe"
    UNSAFE = "unsafe", "Not safe"
    UNSURE = "unsure", "Unsure"


WHATEVER_VRS = {
    "a number": ("DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"),
    "a UID": ("UI",),
    "a pointer or a sequence": ("AT", "SQ"),
    "a date or a time": ("DA", "DT", "TM", "AS"),
    "binary data": ("OB", "OD", "OF", "OL", "OV", "OW"),
}
"""Elements that may be judged whatever their values: what such values are, and their VRs."""

WHATEVER_BY_DEFAULT = ("a number", "a UID", "a pointer or a sequence")
"""Those for which it is proposed; dates and binary data can hold what a person should read."""

WRITTEN = frozenset("DENSUWZ")
"""Actions after which a value is the program's own, or a date it moved: it differs by nature from
study to study, and while the plan does so nothing of what stood there comes out."""
