"""Stations as customers look for them."""
