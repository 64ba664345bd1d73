"""The chain over the audit: seal what happened, write checkpoints, verify, drop what is old."""
