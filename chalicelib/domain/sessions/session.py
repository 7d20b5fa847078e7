"""A session: one signed-in device of an account."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.accounts.account import Account


@dataclass(frozen=True)
class Session:
    """One signed-in device. Its refresh token changes at each use; `generation` counts the changes."""

    session_id: str
    user_id: str
    salt: str
    epoch: int
    started_at: datetime
    expires_at: datetime
    generation: int = 1
    ended_at: datetime | None = None
    ended_reason: str | None = None
    rotated_at: datetime | None = None
    """The newest refresh; None before the first."""
    version: int = 0

    def is_live(self, account: Account, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at and self.epoch == account.token_epoch

    def rotated(self, at: datetime, until: datetime) -> "Session":
        return replace(self, generation=self.generation + 1, rotated_at=at, expires_at=until)

    def ended(self, at: datetime, reason: str) -> "Session":
        return replace(self, ended_at=at, ended_reason=reason)
