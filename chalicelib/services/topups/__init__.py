"""Top-ups: intents, gateways' callbacks, credits, operators' reviews, and payments that go back.

* Customers: `payment_methods`, `intents`, `open_intent_limits`
* Payments: `webhooks` and `payment_events` (callbacks), `crediting`, `retired_gateway`
* Operators: `payment_method_admin`, `review`
* Payments that go back: `reversals`, `reversal_decisions`
"""
