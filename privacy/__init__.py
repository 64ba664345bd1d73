"""The patient's rights: disclosure, erasure, severing the coupling, end of project."""
