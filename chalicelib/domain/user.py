"""A user's profile."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class User:
    """The personal data of a user. No decision about money or custody depends on it."""

    user_id: str
    username: str
    joined_at: datetime
    referral_code: str
    phone: str | None = None
    email: str | None = None
    full_name: str | None = None
    date_of_birth: date | None = None
    address: str | None = None
    avatar_url: str | None = None
    language: str | None = None
    referred_by: str | None = None
    version: int = 0
