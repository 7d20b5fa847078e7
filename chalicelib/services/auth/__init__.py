"""Signs users in: one-time codes, registration, login, sessions, and the identifiers of an account.

* Codes and guesses: `otp`, `otp_delivery`, `otp_limits`, `known_devices`, `code_guesses`
* Customers: `registration`, `signin`, `referral_claims`, `earned_before`
* Operators: `operator_passwords`, `password_hashes`, `operator_limits`, `second_factor`
* All of them: `sessions`, `identifiers`, `identifier_keys`
"""
