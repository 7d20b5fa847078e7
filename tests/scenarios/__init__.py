"""What happens in more than one test: days, cities, refunds, returns.

`broadcast_scenario`, `busy_day`, `city`, `city_faults`, `contract`, `coupon_history`, `customer_to_delete`,
`dashboard_contract`, `day_account`, `day_aliases`, `day_client`, `day_content`, `day_counts`, `day_desk`,
`day_money`, `day_operators`, `day_rentals`, `day_reports`, `day_stations`, `deletion_scenario`, `full_day`,
`leaderboard_crowd`, `personal_history`, `reconciliation_scenario`, `referral_scenario`, `refund_scenario`,
`reversal_scenario`, `second_eject_scenario`, `snapshot_frame`, `station_listings`, `swap_scenario`,
`wrong_slot_scenario`.
"""
