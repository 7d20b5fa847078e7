"""The wallet: what can be paid, and what happened to it."""
