"""Looking after keys: opening them, changing those that wrap, sharing the master key out."""
