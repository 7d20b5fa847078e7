"""The wallet: affordability, transactions and statements."""
