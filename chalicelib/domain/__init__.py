"""The rules: pure, standard library only, no clock. A package imports only packages that stand below it.

* `analytics`: Counters of days and the reports made of them.
* `content`: Content of the app: pages, banners and releases.
* `rentals`: Rentals: their states, their ejects and returns, and their timeline.
* `notifications`: Notifications and pushes to customers, alerts to operators.
* `cabinets`: Power banks and cabinets: custody, slots, the binary protocol, commands.
* `stations`: Stations, their listings and the search by place, and reports about them.
* `money`: The ledger, prices, and how a payment is split.
* `rewards`: What customers earn: points, coupons, achievements and the leaderboard.
* `payments`: Payment gateways: top-ups, refunds, reversals and reconciliation.
* `sessions`: Signed-in devices and their tokens.
* `accounts`: Accounts: the facts that decisions need, and whether an account may rent.
* `users`: People: profile, KYC and its documents, uploads.
* `auth`: Sign-in: identifiers and one-time codes.
* `configuration`: Settings that operators change, their bounds, and the registry of payment gateways.
* `operators`: Operators: their roles, their sign-in, their decisions and the lists that they read.
* `problems`: Errors that callers read, with their codes and their texts in both languages.
* `operations`: What keeps the service running: alarms, the audit, retries, idempotency keys, dead letters.
* `text`: Texts and values: bilingual texts, amounts, times, days, ids, and how people type and search.
"""
