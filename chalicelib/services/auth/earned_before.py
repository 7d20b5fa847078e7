"""Records by phone number and e-mail address what a customer has earned, and finds it after a deletion.

Whoever deletes an account and registers again with the same phone number would otherwise earn it again.
"""

from dataclasses import dataclass

from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys
from chalicelib.tables import identities
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

COUPON, ACHIEVED = "coupon", "achieved"
"""The kinds of identity rows: a used coupon, an unlocked achievement. The rows stay after a deletion."""


@dataclass(frozen=True)
class EarnedBefore:
    """What one user earned under `kind` and `name`, by the keyed digest of each identifier."""

    user_id: str
    kind: str
    values: tuple[str, ...]

    @property
    def keys(self) -> tuple[Key[str], ...]:
        """The rows to read. Each reads as the user who earned it first."""
        return tuple(identities.identity_key(self.kind, value) for value in self.values)

    def by_another(self, rows: Found) -> bool:
        """Whether an earlier account with the same phone number or e-mail address has earned it."""
        return any(rows[key] not in (None, self.user_id) for key in self.keys)

    def stage(self, ops: Transaction, rows: Found) -> None:
        """Stage the rows that are missing. Stale when another transaction has written one."""
        for key, value in zip(self.keys, self.values, strict=True):
            if rows[key] is None:
                identities.claim_identity(ops, self.kind, value, self.user_id, conflict=None)


def of_user(world: World, user: User, kind: str, name: str) -> EarnedBefore:
    """`name` is the code of the coupon, or the id of the achievement."""
    digests = (identifier_keys.identifier_key(world, text) for text in (user.phone, user.email) if text)
    return EarnedBefore(user.user_id, kind, tuple(f"{digest}#{name}" for digest in digests))
