"""Measurements: how long a thing takes against a plain baseline on the same machine."""
