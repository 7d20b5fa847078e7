"""What a customer can pay, and the transactions and statements of the wallet."""
