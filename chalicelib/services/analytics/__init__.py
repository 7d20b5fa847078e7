"""What operators see of days, weeks and months, read from counters and never from rentals or the ledger.

Counting: `counting` (each minute), `recount` (each night, from the tables).
Read: `periods`, `dashboard`, `revenue`, `rentals`, `users`, `stations`, `payments`, `achievements`.
"""
