"""Puts the house together: settings, addresses, the Celery application and its clock."""

import sys

from rdma.celery import app as celery_app

# pydicom loads GDCM wherever it is installed. No process of the portal may: it decodes frames in
# a process of its own, without secrets (transfers.decoding, docs/adr/0022).
sys.modules["gdcm"] = None  # type: ignore[assignment]

__all__ = ["celery_app"]
