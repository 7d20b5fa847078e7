"""The people behind accounts: profile, KYC, moderation, deletion."""
