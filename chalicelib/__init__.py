"""Bijuli: a shared power-bank rental network's backend, behind its doors."""

__version__ = "0.1.0"
