"""Telling users, in the app and on their devices."""
