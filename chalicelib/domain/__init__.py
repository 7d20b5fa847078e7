"""The rules: pure, standard library only, no clock.

* Rentals: `rental`, `rental_state`, `rental_aggregate`, `rental_cancellation`, `cancellable_return`,
  `rental_clock`, `rental_notice`, `rental_station`, `rental_swap`, `swap`, `rental_eject`, `eject_fate`,
  `second_eject`, `superseded_eject`,
  `lost_rental`, `forced_completion`, `extension`, `rental_extension`, `pricing`, `rent_eligibility`,
  `powerbank_choice`, `eject_doubt`, `return_time_doubt`, `unreadable_return`
* Power banks and cabinets: `powerbank`, `service_state`, `powerbank_service`, `powerbank_suspicion`,
  `operator_eject`, `custody`,
  `cabinet`, `slot`, `cabinet_protocol`, `sighting`, `slot_reports`,
  `slot_faults`, `cabinet_outage`, `device_time`, `wrong_slot_suspects`, `event_log`, `timeline`, `cabinet_http`,
  `remote_command`, `command_texts`
* Stations: `station`, `geo`, `search_text`, `listed_station`, `station_filter`, `listing_encoding`, `listing_pages`,
  `stored_listing`, `text_blocks`, `place_index`, `issue`
* Money: `ledger`, `ledger_entries`, `ledger_accounts`, `money`, `payment_plan`, `point_rules`, `point_sources`,
  `transaction_id`, `transaction_texts`, `balance_addition`, `added_money`
* Top-ups and payment gateways: `topup_intent`, `order_reference`, `payment_gateway`, `gateway_registry`,
  `gateway_values`, `reversal`, `reversal_due`, `reversal_amounts`, `reconciliation`, `round_robin`
* Refunds: `refund`, `refund_method`, `refund_totals`, `operator_decision`, `rejection_reasons`
* Users and KYC: `account`, `user`, `profile_reminder`, `kyc`, `citizenship_number`, `districts`, `issue_date`,
  `bikram_sambat`, `upload`, `file_type`
* Sign-in: `identifier`, `phone`, `email`, `countries`, `otp`, `otp_texts`, `session`, `active_sessions`,
  `refresh_token`, `network_address`, `operator`, `admin_action`, `totp`
* Notifications: `notification`, `notification_kinds`, `notification_templates`, `notification_texts`,
  `rental_notification`, `quiet_hours`, `timeline_texts`, `device`, `push_delivery`,
  `provider_failures`, `broadcast`
* Errors and their texts: `problems`, `problem_codes`, `problem_texts`, `problem_reasons`, `failure_texts`,
  `validation_messages`, `validation_texts`, `validation_codes`, `illegal_move`
* Operations: `alarms`, `alarm_kinds`, `operator_alert`, `audit`, `settings`, `setting_bounds`, `message_errors`,
  `backoff`, `idempotency`, `dead_letter`
* What customers earn: `referral`, `coupon`, `achievement`, `typed_code`, `score`, `leaderboard`
* Counters of days: `day_facts`, `user_counts`, `day_recount`, `report_period`
* Content of the app: `app_release`, `banner`, `content`, `web_link`
* Text and values: `texts`, `blank_text`, `grouped_digits`, `nested_json`, `time_text`, `clock_text`, `days`, `ids`,
  `numbered_page`, `block_value`
"""
