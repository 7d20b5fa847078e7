"""Reads what the app shows before sign-in: its releases, banners and rental packages."""
