"""The corpus: files of many kinds, with identifiers planted wherever one can stand."""
