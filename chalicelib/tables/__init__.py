"""The only layer that knows DynamoDB: models and their queries. Rows never leave it.

* DynamoDB itself: `dynamodb`, `conditional_writes`, `dynamodb_errors`, `atomic`, `staged_items`, `transaction_sends`,
  `transaction_errors`, `rows`, `attributes`, `compressed_json`, `write_conflicts`, `retry_pauses`, `all_tables`,
  `audit_scan`, `batch_writes`, `newest_first`
* Money: `accounts`, `postings`, `intents`, `intent_references`, `refunds`, `reversals`, `balance_additions`,
  `reconciliation`, `webhooks`, `open_items`
* Rentals: `rentals`, `rental_lists`, `rental_locations`, `powerbanks`, `cabinets`, `stations`, `station_listings`,
  `packages`, `return_doubts`, `unreadable_returns`
* People: `users`, `identities`, `credentials`, `sessions`, `otp`, `kyc`, `uploads`, `devices`, `notifications`,
  `push_deliveries`, `broadcasts`, `issues`, `rental_issues`, `invitations`, `coupons`, `achievements`,
  `leaderboards`, `operators`, `operator_alerts`
* Operations: `outbox`, `idempotency`, `rate_limits`, `provider_backoff`, `settings`, `audit_log`, `app_info`,
  `content`, `audits`, `event_log`, `day_counters`, `day_recounts`, `uncounted`
"""
