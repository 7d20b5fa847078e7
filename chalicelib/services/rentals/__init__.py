"""Rentals, from the start to the return and the due."""
