"""The de-identification engine and the leak check. A library without Django."""
