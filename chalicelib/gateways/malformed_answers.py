"""What the library of a service raises for an answer of an unexpected shape."""

MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""A block that catches these holds only the call and the reading of its answer's fields: a bug raises them too."""
