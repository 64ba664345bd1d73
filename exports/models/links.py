"""Links that hand one package to one person, who may hand out such links, and who took what."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from exports.models.packages import Package
from projects.encryption import EncryptedTextField
from projects.keyring import purpose_key
from projects.models import Project, User

TOKEN_BYTES = 32
LONGEST = timedelta(days=30)
MOST_USES = 20
WRONG_CODES = 5
# Without letters and digits that are taken for each other when they are read out.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class OutsideLinks(models.Model):
    """That the data office lets a project hand packages to people who are not in it."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="outside_links")
    allowed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "outside links"

    def __str__(self) -> str:
        return f"outside links of project {self.project_id}"


class DownloadLinkQuerySet(models.QuerySet["DownloadLink"]):
    """Links by whether they still open."""

    def open(self) -> Self:
        """Those that were neither revoked nor have run out."""
        return self.filter(revoked_at=None, expires_at__gt=Now())


class DownloadLink(models.Model):
    """One package for one person, for a while, a number of times.

    The token is drawn once and never kept: the row has its SHA-256. For somebody without an
    account the link asks for a code besides, which is derived from the row under the
    installation's key and kept nowhere; five wrong ones close the link.
    """

    package = models.ForeignKey(Package, models.CASCADE, related_name="links")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recipient = EncryptedTextField()  # an e-mail address
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    most_uses = models.PositiveSmallIntegerField(default=3)
    use_count = models.PositiveSmallIntegerField(default=0, editable=False)
    wrong_count = models.PositiveSmallIntegerField(default=0, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = DownloadLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(use_count__lte=F("most_uses")), name="no_link_is_used_more_than_allowed"
            ),
            models.CheckConstraint(
                condition=Q(most_uses__gte=1, most_uses__lte=MOST_USES),
                name="a_link_is_used_a_few_times",
            ),
            models.CheckConstraint(
                condition=Q(wrong_count__lte=WRONG_CODES), name="wrong_codes_close_a_link"
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to package {self.package_id}"

    @staticmethod
    def draw_token() -> str:
        """Return 256 random bits as 43 letters, digits, dashes and underscores."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    @staticmethod
    def digest(token: str) -> str:
        """Return what is kept of a token; it is too long to be guessed, so that a sum will do."""
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def code(self) -> str:
        """Ten letters in two groups that somebody without an account types besides; else ""."""
        if self.account_id is not None:
            return ""
        message = f"{self.pk} {self.token_digest}".encode()
        number = int.from_bytes(
            hmac.digest(purpose_key("codes of download links"), message, "sha256")
        )
        letters = ""
        for _ in range(10):
            number, place = divmod(number, len(LETTERS))
            letters += LETTERS[place]
        return f"{letters[:5]}-{letters[5:]}"

    def takes_code(self, typed: str) -> bool:
        """Tell whether this is the code, however it is spaced and capitalised."""
        plain = "".join(sign for sign in typed.upper() if sign.isalnum())
        return hmac.compare_digest(plain.encode(), self.code.replace("-", "").encode())

    @property
    def project(self) -> Project:
        """The package's project; the audit asks for it."""
        return self.package.project

    @property
    def person(self) -> str:
        """Who it is for, in words."""
        return self.account.display_name if self.account else self.recipient

    @property
    def is_closed(self) -> bool:
        """Whether too many wrong codes were typed."""
        return self.wrong_count >= WRONG_CODES

    @property
    def is_open(self) -> bool:
        """Whether it still leads to its package."""
        return self.revoked_at is None and not self.is_closed and timezone.now() < self.expires_at


class Download(models.Model):
    """That somebody took a package, under their account or by a link: counted, never changed back.

    A download that goes on after an interruption counts as continued. `reached_end` says that its
    last byte was handed out; whether it arrived is known to the receiver alone.
    """

    package = models.ForeignKey(Package, models.CASCADE, related_name="downloads")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(DownloadLink, models.CASCADE, null=True, related_name="downloads")
    started_count = models.PositiveIntegerField(default=0)
    continued_count = models.PositiveIntegerField(default=0)
    reached_end = models.BooleanField(default=False)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "person"],
                condition=Q(link=None),
                name="one_count_per_package_and_person",
            ),
            models.UniqueConstraint(
                fields=["link"], condition=Q(link__isnull=False), name="one_count_per_link"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(link__isnull=False),
                name="somebody_takes_a_download",
            ),
        ]

    def __str__(self) -> str:
        return f"downloads of package {self.package_id}"
