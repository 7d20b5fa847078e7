"""Encodes the commands for cabinets, and decodes the frames that cabinets send."""
