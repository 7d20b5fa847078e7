"""The control API: it shows everything, moves the clock, and makes things fail.

* The API: `app`, `front`, `own_pages`, `requests`, `request_shapes`, `help`
* What it shows: `feed`, `records`, `queues`, `dead_letters`
* What it changes: `clock`, `cabinets`, `faults`, `drain`, `snapshots`, `many_rows`, `strangers`
* Violations for the audit to find: `planted_violations`, `violation_kinds`, `violation_changes`,
  `money_violations`, `hardware_violations`
"""
