"""Handlers, one file per group of endpoints: each calls one verb and makes its response."""
