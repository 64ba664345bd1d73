"""Who a participant is inside a project: all that the engine may know and write about them."""

from dataclasses import dataclass, field

from deidentify.errors import UsageError

SECRET_BYTES = 32


@dataclass(frozen=True)
class Identity:
    """The participant's side of a plan.

    Args:
        project: acronym, written as Clinical Trial Protocol ID and Institution Name.
        pseudonym: written as Patient ID, Patient's Name and Clinical Trial Subject ID.
        secret: at least 32 random bytes of this participant; the keys for UIDs, dates and
            digests are drawn from it. Never shown, never written.
        event: time point, "" for none.
        site: site, "" for none.
        date_shift: days to add to every date (negative: into the past); None draws a shift
            from the secret; 0 leaves dates as they are.
        project_number: P20_01, "" for none.
        rule_key: of the project, for the marks by which its maps know values (rules.mark_of).

    Raises:
        UsageError: a text cannot be written into any DICOM file, or the secret is short.
    """

    project: str
    pseudonym: str
    secret: bytes = field(repr=False)
    event: str = ""
    site: str = ""
    date_shift: int | None = None
    project_number: str = ""
    rule_key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES:
            raise UsageError("The participant's secret must hold at least 32 bytes.")
        for name in ("project", "pseudonym", "event", "site", "project_number"):
            text: str = getattr(self, name)
            # ASCII alone is right in every character set a source file may declare.
            if not text.isascii() or not text.isprintable() or "\\" in text or len(text) > 64:
                raise UsageError(
                    f"The {name} must be at most 64 printable ASCII characters, no backslash."
                )
            if text != text.strip():
                raise UsageError(f"The {name} must not begin or end with a space.")
        if not self.project or not self.pseudonym:
            raise UsageError("A project and a pseudonym are needed.")
