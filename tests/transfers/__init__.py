"""Transfers, from the wish to the destination."""
