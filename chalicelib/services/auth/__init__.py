"""Sign-in: one-time codes, sessions and identifiers."""
