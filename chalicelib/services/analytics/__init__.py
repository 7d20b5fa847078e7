"""What operators see of days, weeks and months, read from counters and never from rentals or the ledger.

* Counting: `counting` (each minute), `availability` (each hour), `recount` (each night, from the tables)
* Reports: `reports`, `dashboard`, `users`, `stations`, `achievements`
"""
