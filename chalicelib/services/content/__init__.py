"""Content that the app shows before sign-in."""
