"""The research copy and its tag index."""
