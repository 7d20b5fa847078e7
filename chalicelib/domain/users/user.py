"""A user's profile."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.problems.problems import Problem

MAX_FAVORITES = 100
"""A user has at most this many favourite stations. The user row holds their serial numbers."""


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
    favorite_sns: tuple[str, ...] = ()
    """The serial numbers of the favourite stations, the newest last."""
    reminder_at: datetime | None = None
    """When the user is reminded of the incomplete profile. None once it is complete."""
    version: int = 0

    def with_favorite(self, sn: str) -> "User":
        """The user with one more favourite station. Raises Problem("favorites_full")."""
        if sn in self.favorite_sns:
            return self
        if len(self.favorite_sns) >= MAX_FAVORITES:
            raise Problem("favorites_full", limit=MAX_FAVORITES)
        return replace(self, favorite_sns=(*self.favorite_sns, sn))

    def without_favorite(self, sn: str) -> "User":
        return replace(self, favorite_sns=tuple(other for other in self.favorite_sns if other != sn))
