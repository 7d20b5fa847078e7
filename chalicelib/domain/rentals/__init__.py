"""Rentals: their states, their ejects and returns, and their timeline.

* A rental: `rental`, `rental_state`, `rental_aggregate`, `rental_station`, `rental_clock`, `rental_notice`,
  `rental_failure`, `rental_notification`, `rental_payment`
* Its eject: `rental_eject`, `eject_times`, `eject_fate`, `eject_doubt`, `second_eject`, `superseded_eject`,
  `wrong_slot_suspects`
* Its change: `extension`, `rental_extension`, `rental_swap`, `swap`, `rental_cancellation`
* Its end: `sighting`, `unreadable_return`, `return_time_doubt`, `lost_rental`, `forced_completion`
* What happened to it: `timeline`, `timeline_texts`
"""
