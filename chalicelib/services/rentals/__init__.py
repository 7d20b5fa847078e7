"""Rents power banks: the start, the eject, the return, and the due that may follow.

* The start: `starting`, `ejects`, `eject_orders`, `eject_entries`, `second_ejects`, `spaced_ejects`, `failed_ejects`,
  `eject_confirmations`, `never_out`, `snapshot_requests`
* While it runs: `extending`, `cancelling`, `changes`, `due_times`, `locations`
* The end: `returns`, `swapping`, `return_doubts`, `unreadable_returns`, `wrong_slots`, `wrong_slot_returns`,
  `dues`, `next_due`, `force_completion`
* Reads: `queries`, `rental_lists`, `timeline`, `aggregate`
* Notifications of customers: `notices`
"""
