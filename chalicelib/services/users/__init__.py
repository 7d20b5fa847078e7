"""Users: profile, KYC and its review, bans, and the deletion of an account with its personal data."""
