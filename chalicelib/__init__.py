"""Bijuli: a shared power-bank rental network's backend, behind its doors."""
