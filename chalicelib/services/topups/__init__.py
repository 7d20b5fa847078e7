"""Top-ups: intents, callbacks, credits and reviews."""
