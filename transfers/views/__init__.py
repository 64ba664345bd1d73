"""The pages of this room: assigning, transfers, the hold desk."""
