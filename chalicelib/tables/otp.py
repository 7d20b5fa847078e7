"""One-time codes, and how often a code was requested for an identifier."""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.operand import Path

from chalicelib.domain.auth.otp import Challenge, ChallengeState, Quota
from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import (
    CountsAttribute,
    DocumentAttribute,
    EnumAttribute,
    IntAttribute,
    TimeAttribute,
)
from chalicelib.tables.conditional_writes import update_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

DAY_SECONDS = 86_400


class ChallengeRow(Row):
    class Meta:
        table_name = "challenges"

    challenge_id = UnicodeAttribute(hash_key=True)
    identifier = UnicodeAttribute()
    identifier_key = UnicodeAttribute()
    salt = UnicodeAttribute()
    expires_at = TimeAttribute()
    generation = IntAttribute()
    guesses = CountsAttribute()
    state = EnumAttribute(ChallengeState)
    expires = IntAttribute()
    version = IntAttribute()


class QuotaRow(Row):
    class Meta:
        table_name = "otp_quotas"

    identifier_key = UnicodeAttribute(hash_key=True)
    requested_at: DocumentAttribute[tuple[datetime, ...]] = DocumentAttribute(tuple[datetime, ...])
    requested_from: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    challenge_id = UnicodeAttribute(null=True)
    challenge_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...], null=True)
    expires = IntAttribute()
    version = IntAttribute()


def challenge_key(challenge_id: str) -> Key[Challenge]:
    return Key(ChallengeRow, challenge_id, None, lambda row: entity(row, Challenge))


def quota_key(identifier_key: str) -> Key[Quota]:
    return Key(QuotaRow, identifier_key, None, lambda row: entity(row, Quota))


def save(ops: Transaction, challenge: Challenge) -> None:
    expires = int(challenge.expires_at.timestamp()) + DAY_SECONDS
    ops.save(ChallengeRow(**values(challenge), expires=expires), challenge.version)


def save_quota(ops: Transaction, quota: Quota) -> None:
    expires = int(quota.requested_at[-1].timestamp()) + DAY_SECONDS
    ops.save(QuotaRow(**values(quota), expires=expires), quota.version)


def delete_challenges(challenge_ids: Iterable[str]) -> None:
    """Delete challenges one by one; a second call goes on after a failure. Proofs of these challenges become void."""
    for challenge_id in challenge_ids:
        with storage():
            ChallengeRow(challenge_id).delete()


def count_guess(challenge_id: str, counted_under: str, cap: int, now: datetime) -> Challenge | None:
    """Count one guess, before the code is compared. None when the challenge takes no more guesses of that name.

    `counted_under` is a public id of the challenge, or WITHOUT_ID. A public id that the challenge never gave takes no
    guess. A retry of this update may count a guess twice. It never grants one.
    """
    row, count = ChallengeRow, Path(ChallengeRow.guesses)[counted_under]
    condition = (row.state == ChallengeState.OPEN) & (count < cap) & (row.expires_at > now)
    challenge_row = ChallengeRow(challenge_id)
    counted = update_if(challenge_row, [count.set(count + 1), row.version.add(1)], condition)
    return entity(challenge_row, Challenge) if counted else None


def move(
    ops: Transaction, challenge_id: str, before: ChallengeState, after: ChallengeState, *, conflict: Problem
) -> None:
    """Stage a change of state. Of several at once only one commits; the others raise `conflict`."""
    row = ChallengeRow
    ops.update(
        ChallengeRow(challenge_id),
        [row.state.set(after), row.version.add(1)],
        row.state == before,
        conflict=conflict,
    )
