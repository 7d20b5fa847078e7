"""Awards points by queue messages, each award once."""
