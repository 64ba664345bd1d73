"""Tests of the directory, against a real slapd with TLS."""
