"""Compares all stored rows with the rules that they must obey. The audit repairs nothing.

* Runs: `audit_runs`, `segment_walks`, `judge_row`, `checks`, `whole_audit`
* One account: `account_case`, `account_reads`, `account_named_rows`, `account_part`, `account_history`,
  `account_identities`, `accounts`, `ledger`, `rentals`, `topups`, `refunds`, `people`, `referrals`, `coupons`,
  `open_items`, `scores`, `balance_additions`, `day_counts`
* Other rows: `powerbanks`, `stations`, `named_rows`
"""
