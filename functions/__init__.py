"""Handlers: one file per endpoint group. Each parses its request, calls one verb and answers."""
