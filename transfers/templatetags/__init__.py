"""Words and numbers as the pages of this room say them."""
