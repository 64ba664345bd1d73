"""Twice a year somebody answers for who has access: opening, answering, reports, pages."""
