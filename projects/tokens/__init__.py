"""How scripts come in: tokens, service accounts, what they may, how often, and once per key."""
