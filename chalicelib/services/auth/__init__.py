"""Signs users in: one-time codes, registration, login, sessions, and the identifiers of an account."""
