"""The self test: invented patients, identifiers planted, the whole pipeline, and what is left."""
