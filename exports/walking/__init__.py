"""A header walked as bytes: kept elements stay as they are, changed ones are put between."""
