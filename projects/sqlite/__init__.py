"""SQLite as Django has it, with regular expressions in linear time."""
