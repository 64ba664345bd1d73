"""The record of a transfer, as a part of its page."""

from typing import Any

from django import template

from transfers.models import TransferRequest
from transfers.proving import record_context

register = template.Library()


@register.inclusion_tag("transfers/parts/record.html")
def transfer_record(transfer: TransferRequest) -> dict[str, Any]:
    """Show the newest record, or say when there will be one."""
    return record_context(transfer)
