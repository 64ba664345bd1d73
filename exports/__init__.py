"""Packages built from the research copy."""
