"""Chalice's room: what turns a request or a message into one call, and its result into an answer."""
