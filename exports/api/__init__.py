"""REST of the exports."""
