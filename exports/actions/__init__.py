"""What people do in this room that is more than looking: right, change, audit, ring."""
