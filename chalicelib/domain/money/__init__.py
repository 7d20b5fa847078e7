"""The ledger, prices, and how a payment is split.

`added_money`, `balance_addition`, `ledger`, `ledger_accounts`, `ledger_entries`, `payment_plan`, `pricing`,
`reversal_due`, `transaction_texts`.
"""
