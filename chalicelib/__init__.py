"""Bijuli: the backend of a shared power-bank rental network."""

__version__ = "0.1.0"
