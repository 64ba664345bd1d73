"""What people do with the research copy that is more than looking: right, act, audit."""
