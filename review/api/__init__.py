"""REST of the review: elements, values, verdicts, sign-offs, and studies of the research copy."""
