"""Routes of the app."""
