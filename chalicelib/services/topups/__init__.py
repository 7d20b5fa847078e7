"""Top-ups: intents, gateways' callbacks, credits, operators' reviews, and payments that go back."""
