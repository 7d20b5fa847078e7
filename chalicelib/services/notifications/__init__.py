"""Notifications in the app and on devices."""
