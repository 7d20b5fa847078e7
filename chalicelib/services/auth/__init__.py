"""Signing in: codes, sessions, identifiers."""
