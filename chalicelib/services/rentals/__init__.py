"""Rents power banks: the start, the eject, the return, and the due that may follow."""
