"""Routes of the customers' app, one file per group of endpoints.

* People: `auth`, `profile`, `kyc`, `account_deletion`, `devices`, `notifications`, `uploads`
* Stations and rentals: `stations`, `favorites`, `station_issues`, `rentals`, `rental_changes`,
  `rental_issues`, `rental_schema`, `rental_timeline`
* Money: `wallet`, `points`, `topups`, `refunds`, `payment_options`
* What customers earn: `referral`, `coupons`, `achievements`, `leaderboard`
* Before sign-in: `app_info`, `content`
"""
