"""Accounts: the facts that decisions need, and whether an account may rent.

`account`, `cancellable_return`, `customer_account`, `referral`, `rent_eligibility`, `score`.
"""
