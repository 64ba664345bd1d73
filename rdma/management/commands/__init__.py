"""Commands that put the rooms together."""
