"""Top-ups, from the intent to the credit."""
