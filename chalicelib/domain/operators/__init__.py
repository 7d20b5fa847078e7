"""Operators: their roles, their sign-in, their decisions and the lists that they read.

`admin_action`, `network_address`, `numbered_page`, `operator`, `operator_decision`, `rejection_reasons`, `role`,
`totp`.
"""
