"""Simulated Khalti, eSewa and Stripe, with their pay pages and callbacks.

* Khalti and eSewa: `khalti`, `esewa`.
* Stripe: `stripe`, `stripe_checkout`, `stripe_dashboard`, `stripe_events`, `stripe_objects`, `stripe_payments`,
  `stripe_refunds`, `stripe_wire`.
* Shared: `callbacks`, `late_returns`, `pay_page_words`, `pay_pages`, `payment_book`, `payment_outcomes`.
"""
