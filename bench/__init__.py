"""Measures the calls, capacity units and times of each operation. Nothing here asserts a time."""
