"""Routes of operators and of their dashboard, under /api/admin.

* Operators: `auth`, `own_account`, `profiles`
* People: `users`, `user_status`, `balance_additions`, `kyc`, `broadcasts`, `leaderboard`
* Rentals: `rentals`, `rental_timeline`, `doubtful_returns`, `unreadable_returns`, `powerbanks`
* Stations: `stations`, `station_commands`, `issues`, `station_forms`, `station_schema`
* Money: `packages`, `payment_methods`, `transactions`, `refunds`, `refund_schema`, `topups`, `reversals`,
  `reconciliation`, `coupons`
* Reports: `analytics_money`, `analytics_people`, `analytics_network`, `analytics_forms`, `dashboard`, `achievements`
* Content: `content`, `banners`
* The service: `dead_letters`, `audit`, `audit_log`, `config`, `system`
* Names of the operators' dashboard: `aliases`, `alias_routes`
* Forms that the routes share: `paging`, `upper_case`
"""
