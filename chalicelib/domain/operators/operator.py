"""An operator: who it is, and what the sign-in of one needs besides the password."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.operators.totp import current_step, matching_step

OPERATOR_NAME = "operator"
"""The kind of identity that makes the usernames of operators unique. Customers have names of their own."""
MAX_OPERATORS = 200
"""At most this many operators exist at a time. Removed ones do not count."""


@dataclass(frozen=True)
class Operator:
    """The person behind an operator's account. Role and status are on the account, which every request reads."""

    user_id: str
    username: str
    email: str
    """Empty after the removal."""
    created_at: datetime
    created_by: str | None = None
    """The id of the super admin who made the account. None for the first one."""
    setup_id: str | None = None
    """The id of the setup token that may set the password. None when no token is open."""
    sealed_secret: str | None = None
    """The encrypted secret of the second factor."""
    second_factor_at: datetime | None = None
    """When the second factor was confirmed. A secret that waits for its first code has None."""
    last_step: int = 0
    """The time step of the newest code that was used."""
    recovery_digests: tuple[str, ...] = ()
    """Digests of the recovery codes that are left."""
    removed_at: datetime | None = None
    version: int = 0

    @property
    def has_second_factor(self) -> bool:
        return self.second_factor_at is not None

    def with_code_used(self, secret: bytes, code: str, now: datetime) -> "Operator | None":
        """The operator after a code of the second factor was used. None for a wrong code and for a used one."""
        step = matching_step(secret, code, current_step(now), after=self.last_step)
        return None if step is None else replace(self, last_step=step)

    def with_recovery_used(self, digest: str) -> "Operator | None":
        """The operator after a recovery code was used. None for a digest that is not, or no longer, one of them."""
        if digest not in self.recovery_digests:
            return None
        left = tuple(other for other in self.recovery_digests if other != digest)
        return replace(self, recovery_digests=left)

    def without_second_factor(self) -> "Operator":
        return replace(self, sealed_secret=None, second_factor_at=None, last_step=0, recovery_digests=())

    def removed(self, now: datetime) -> "Operator":
        """The operator after the removal. The username stays for the log."""
        return replace(self.without_second_factor(), email="", setup_id=None, removed_at=now)
