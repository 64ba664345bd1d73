"""The results of self tests, kept in the hospital's own database for its people to read."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from deidentify.version import ENGINE, VERSION
from projects.models import AuditEvent
from rdma.models import SelfTest
from rdma.selftest.program import program_digest
from rdma.selftest.report import Report


@transaction.atomic
def keep_result(report: Report, *, started_at: datetime) -> SelfTest:
    """Keep what a self test found, and note in the audit that there was one."""
    row = SelfTest.objects.create(
        started_at=started_at,
        ended_at=timezone.now(),
        seed=report.seed,
        subjects=report.subjects,
        program_version=f"{ENGINE} {VERSION}",
        program_digest=program_digest(),
        is_held=report.is_held,
        report=report.as_data(),
    )
    AuditEvent.record(None, "self_tested", row, seed=report.seed, held=report.is_held)
    return row
