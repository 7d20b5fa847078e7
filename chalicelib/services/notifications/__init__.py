"""Stores notifications for the app, and pushes them to the users' devices."""
