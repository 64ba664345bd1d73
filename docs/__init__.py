"""The manuals, the records of decisions, and what writes their tables."""
