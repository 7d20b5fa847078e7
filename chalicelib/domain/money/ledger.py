"""The ledger: postings whose legs sum to zero, chained by hash and applied to their account."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import Counts
from chalicelib.domain.money.added_money import with_added_money
from chalicelib.domain.payments.transaction_id import transaction_id
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.rewards.point_sources import source_of

NPR, PTS = "NPR", "PTS"
USER_LEGS = {"wallet": "wallet_paisa", "held": "held_paisa", "due": "due_paisa"} | {
    "points": "points",
    "held_points": "held_points",
}
REVENUE = "revenue:"
REVENUE_RENTAL = "revenue:rental"
REVENUE_LATE_FEE = "revenue:late_fee"
REVENUE_DUE = "revenue:due"
REVENUE_FORFEITED = "revenue:forfeited"
RECEIVABLE_DUE = "receivable:due"
LIABILITY_POINTS = "liability:points"
REFUND_IN_FLIGHT = "refund:in_flight"
"""Money of refunds that has left the wallet and that no gateway has confirmed yet."""
REFUND_BY_HAND = "refund:by_hand"
EXPENSE_ADDED = "expense:balance_added"
"""What operators added to wallets, as a negative balance."""
LOSS_REVERSED = "loss:reversed"
"""What gateways gave back of credited top-ups and no wallet has returned to us, as a negative balance."""


class Unbalanced(Exception):
    """The legs do not sum to zero, or a balance falls below zero. It is a bug, and nothing is written."""


class PostingKind(StrEnum):
    """The event that a posting records. `domain/money/ledger_entries.py` describes each."""

    TOPUP = "topup"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    CHARGE = "charge"
    EXTENSION = "extension"
    CHARGE_UNDONE = "charge_undone"
    LATE_FEE = "late_fee"
    CANCEL = "cancel"
    FOUND = "found"
    DUE = "due"
    PAY_DUE = "pay_due"
    POINTS = "points"
    REFUND = "refund"
    REFUND_PAID = "refund_paid"
    REFUND_RETURNED = "refund_returned"
    FORFEIT = "forfeit"
    REVERSAL = "reversal"
    REVERSAL_PAID = "reversal_paid"
    REVERSAL_RESTORED = "reversal_restored"
    BALANCE_ADDED = "balance_added"


BUYS_NOTHING = frozenset({PostingKind.POINTS, PostingKind.FORFEIT})
FROM_OUTSIDE = frozenset({PostingKind.TOPUP, PostingKind.REFUND_RETURNED})
"""Postings whose money comes from a payment gateway into the wallet.

A restored reversal is none of them: what it gives back may be money that an operator added."""
OUTSIDE = ("gateway:", "refund:")
"""Accounts of money that enters or leaves the service. A posting with such a leg costs the user nothing."""


@dataclass(frozen=True)
class Leg:
    """A change of one account: `amount` paisa for NPR, whole points for PTS. A positive amount raises the account."""

    account: str
    currency: str
    amount: int


@dataclass(frozen=True)
class Entry:
    """What is to be posted: a kind and its legs.

    Without legs nothing is posted. `domain/money/ledger_entries.py` makes entries.
    """

    kind: PostingKind
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class Posting:
    """A recorded entry. Its key is (`user_id`, `seq`). `_after` are the balances after it."""

    user_id: str
    seq: int
    kind: PostingKind
    ref: str
    at: datetime
    legs: tuple[Leg, ...]
    wallet_after_paisa: int
    points_after: int
    previous_hash: str
    hash: str

    @property
    def transaction_id(self) -> str:
        return transaction_id(self.user_id, self.seq)

    def change_of(self, account: str) -> int:
        """Sum of the legs on `account`."""
        return sum(leg.amount for leg in self.legs if leg.account == account)

    @property
    def cost_paisa(self) -> int:
        """What the posting cost the user: money that became revenue, and spent points at their value.

        Negative for a posting that gives back.
        """
        if self.kind in BUYS_NOTHING or any(leg.account.startswith(OUTSIDE) for leg in self.legs):
            return 0
        paisa = sum(leg.amount for leg in self.legs if leg.account.startswith(REVENUE))
        return paisa + self.change_of(LIABILITY_POINTS) * PAISA_PER_POINT

    @property
    def topped_up_paisa(self) -> int:
        return self.change_of("wallet") if self.kind is PostingKind.TOPUP else 0

    @property
    def points_earned(self) -> int:
        return self.change_of("points") if self.kind is PostingKind.POINTS else 0


def legs(*, paisa: Iterable[tuple[str, int]] = (), points: Iterable[tuple[str, int]] = ()) -> tuple[Leg, ...]:
    """Legs of both currencies; zero amounts are left out."""
    both = [Leg(name, NPR, amount) for name, amount in paisa] + [Leg(name, PTS, amount) for name, amount in points]
    return tuple(leg for leg in both if leg.amount)


def post(account: Account, entry: Entry, ref: str, at: datetime) -> tuple[Account, Posting]:
    """The account after the entry, and the posting that records it. Raises Unbalanced.

    The times of a ledger never decrease: when `at` is before the last posting, the posting takes the last one's time.
    """
    must_balance(entry.legs)
    balances = {field: getattr(account, field) for field in USER_LEGS.values()}
    for leg in entry.legs:
        if leg.account in USER_LEGS:
            balances[USER_LEGS[leg.account]] += leg.amount
    below = [name for name, value in balances.items() if value < 0]
    if below:
        raise Unbalanced(f"below zero: {', '.join(below)}")
    unsealed = Posting(
        account.user_id,
        account.seq + 1,
        entry.kind,
        ref,
        max(at, account.posted_at or at),
        entry.legs,
        wallet_after_paisa=balances["wallet_paisa"],
        points_after=balances["points"],
        previous_hash=account.last_hash,
        hash="",
    )
    posting = replace(unsealed, hash=hash_of(unsealed))
    following = with_added_money(
        account,
        total_paisa=balances["wallet_paisa"] + balances["held_paisa"],
        is_addition=entry.kind is PostingKind.BALANCE_ADDED,
        gives_back=entry.kind not in FROM_OUTSIDE,
    )
    after = replace(following, **balances, seq=posting.seq, last_hash=posting.hash, posted_at=posting.at)
    return _counted(after, posting), posting


def post_if_any(account: Account, entry: Entry, ref: str, at: datetime) -> tuple[Account, list[Posting]]:
    """As `post`, but an entry without legs posts nothing. Raises Unbalanced."""
    if not entry.legs:
        return account, []
    after, posting = post(account, entry, ref, at)
    return after, [posting]


def _counted(account: Account, posting: Posting) -> Account:
    """The account with its running totals raised by the posting."""
    if posting.points_earned:
        account = account.scored(Counts(points=posting.points_earned), posting.at)
    return replace(
        account,
        spent_paisa=account.spent_paisa + posting.cost_paisa,
        topped_up_paisa=account.topped_up_paisa + posting.topped_up_paisa,
        points_earned=account.points_earned + posting.points_earned,
        points_by_source=with_points_of(account.points_by_source, posting),
    )


def with_points_of(by_source: Mapping[str, int], posting: Posting) -> Mapping[str, int]:
    """The sums of points by source, with those of the posting."""
    points = posting.change_of("points")
    source = source_of(posting.kind, posting.ref).value
    return {**by_source, source: by_source.get(source, 0) + points} if points else by_source


def must_balance(legs: Sequence[Leg]) -> None:
    """Raises Unbalanced when the legs of a currency don't sum to zero, or there are none."""
    sums: dict[str, int] = defaultdict(int)
    for leg in legs:
        sums[leg.currency] += leg.amount
    if not legs or any(sums.values()):
        raise Unbalanced(f"legs sum to {dict(sums)}")


def hash_of(posting: Posting) -> str:
    """SHA-256 over the posting's content and the hash before it, hex."""
    content = [
        posting.user_id,
        posting.seq,
        str(posting.kind),
        posting.ref,
        posting.at.astimezone(UTC).isoformat(timespec="microseconds"),
        [[leg.account, leg.currency, leg.amount] for leg in posting.legs],
        posting.wallet_after_paisa,
        posting.points_after,
        posting.previous_hash,
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
