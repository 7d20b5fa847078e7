"""The verbs, a package per noun: each reads, decides, writes one transaction, then calls external services.

* Customers: `auth`, `users`, `notifications`, `media`, `rewards`, `promotions`
* Money: `topups`, `refunds`, `wallet`, `reconciliation`, `audit`
* Rentals: `rentals`, `stations`, `cabinets`, `issues`
* Operators: `admin`, `analytics`, `system`
* Before sign-in: `content`
* Used by all: `caller`, `idempotency`, `outbox`, `sweeps`, `audit_log`, `event_log`, `best_effort`,
  `provider_backoff`, `stranded_money`, `received_money`, `eject_doubts`, `newest_pages`, `filtered_pages`,
  `warm_cache`, `field_encryption`, `stored_settings`
"""
