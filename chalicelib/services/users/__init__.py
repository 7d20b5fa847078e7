"""Users: profile, KYC and its review, bans, and the deletion of an account with its personal data.

* Customers: `profile`, `profile_reminders`, `kyc`
* Operators: `user_lists`, `kyc_review`, `moderation`
* The deletion: `deletion`, `erasure`, `free_text_erasure`
"""
