"""Signed-in devices and their tokens.

`active_sessions`, `device`, `refresh_token`, `session`.
"""
