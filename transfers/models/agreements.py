"""What the instances of a run have said of their study, for the worker that goes on with it."""

from django.db import models

from projects.encryption import EncryptedTextField
from transfers.models.runs import Run


class AgreementStore(models.Model):
    """What verified instances said of study, series and patient, before and after.

    Instances are verified a slice at a time, by any worker; whether all of them agree is known
    at the end. It holds originals' values and is therefore encrypted.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="agreement")
    told = EncryptedTextField()

    def __str__(self) -> str:
        return f"agreement of run {self.run_id}"
