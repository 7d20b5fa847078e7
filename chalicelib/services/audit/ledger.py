"""The audit of one account's ledger: a single pass over its postings, of which only sums stay in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import Period
from chalicelib.domain.money import ledger_accounts
from chalicelib.domain.money.ledger import (
    USER_LEGS,
    Posting,
    PostingKind,
    Unbalanced,
    hash_of,
    must_balance,
    with_points_of,
)
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rewards.point_rules import invitee_of_award, signup_award_id
from chalicelib.services.audit.account_history import AccountHistory
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.tables import postings

PAGE = 500
SIGNUP_AWARDS = signup_award_id("")


@dataclass
class ReferenceSums:
    """What the postings with one reference moved. `legs` is keyed by the kind of the posting and the account."""

    kinds: Counter[PostingKind] = field(default_factory=Counter)
    legs: Counter[tuple[PostingKind, str]] = field(default_factory=Counter)
    cost_paisa: int = 0
    topup_seq: int | None = None
    """The number of the posting that credited a top-up."""

    def moved(self, account: str, *kinds: PostingKind) -> int:
        """The sum of the legs on `account`, of all kinds unless some are named."""
        return sum(
            amount for (kind, name), amount in self.legs.items() if name == account and (not kinds or kind in kinds)
        )


@dataclass
class LedgerReading:
    """What one pass over a ledger found: the references of one part of the account, and in the first part the sums of
    all postings.

    Two readings of an unchanged ledger are equal.
    """

    part: AccountPart
    refunds: frozenset[str] = frozenset()
    """Refunds whose references stay in the reading, whatever part they are in."""
    count: int = 0
    hash: str = ""
    at: datetime | None = None
    sums: Counter[str] = field(default_factory=Counter)
    sums_by_kind: Counter[tuple[PostingKind, str]] = field(default_factory=Counter)
    """What all postings of a kind moved on an account."""
    signups_count: int = 0
    invitees_count: int = 0
    refs: dict[str, ReferenceSums] = field(default_factory=dict)
    spent_paisa: int = 0
    topped_up_paisa: int = 0
    points_earned: int = 0
    points_by_source: Mapping[str, int] = field(default_factory=dict)
    points_by_period: Counter[str] = field(default_factory=Counter)
    """Earned points by the ids of months and weeks."""
    late_sums: Counter[str] = field(default_factory=Counter)
    """The part of the sums that came after the account's deletion."""
    payments: dict[int, Posting] = field(default_factory=dict)
    """The postings whose numbers were asked for."""
    problems: list[Violation] = field(default_factory=list)

    def of(self, ref: str) -> ReferenceSums:
        """The sums of one reference. Zero for an unknown one."""
        return self.refs.get(ref) or ReferenceSums()

    def add(self, posting: Posting, deleted_seq: int | None) -> None:
        """Take one more posting into account. Postings come in the order of their numbers."""
        if self.part.holds(posting.ref) or posting.ref in self.refunds:
            self._add_to_reference(posting)
        if self.part.is_first:
            self._check(posting)
            self._add_to_sums(posting, deleted_seq)
        self.count, self.hash, self.at = self.count + 1, posting.hash, posting.at

    def _add_to_sums(self, posting: Posting, deleted_seq: int | None) -> None:
        self.signups_count += posting.ref.startswith(SIGNUP_AWARDS)
        self.invitees_count += invitee_of_award(posting.ref) is not None
        for leg in posting.legs:
            self.sums_by_kind[posting.kind, leg.account] += leg.amount
            if leg.account in USER_LEGS:
                self.sums[leg.account] += leg.amount
                if deleted_seq is not None and posting.seq > deleted_seq:
                    self.late_sums[leg.account] += leg.amount
        self.spent_paisa += posting.cost_paisa
        self.topped_up_paisa += posting.topped_up_paisa
        self.points_earned += posting.points_earned
        self.points_by_source = with_points_of(self.points_by_source, posting)
        for period in (Period.MONTHLY, Period.WEEKLY) if posting.points_earned else ():
            self.points_by_period[period.id_at(posting.at)] += posting.points_earned
        if (posting.wallet_after_paisa, posting.points_after) != (self.sums["wallet"], self.sums["points"]):
            self._note("posting_balance_differs", posting)

    def _add_to_reference(self, posting: Posting) -> None:
        sums = self.refs.setdefault(posting.ref, ReferenceSums())
        sums.kinds[posting.kind] += 1
        sums.cost_paisa += posting.cost_paisa
        if posting.kind is PostingKind.TOPUP:
            sums.topup_seq = posting.seq
        for leg in posting.legs:
            sums.legs[posting.kind, leg.account] += leg.amount

    def moved(self, account: str, *kinds: PostingKind) -> int:
        """What all postings of these kinds moved on `account`."""
        return sum(self.sums_by_kind[kind, account] for kind in kinds)

    def _check(self, posting: Posting) -> None:
        """Note what is wrong with the posting itself, and with its place after the one before it."""
        if posting.seq != self.count + 1:
            self._note("sequence_has_a_gap", posting)
        if posting.previous_hash != self.hash or posting.hash != hash_of(posting):
            self._note("hash_chain_broken", posting)
        if self.at is not None and posting.at < self.at:
            self._note("posting_out_of_time", posting)
        try:
            must_balance(posting.legs)
        except Unbalanced:
            self._note("posting_unbalanced", posting)
        if ledger_accounts.foreign_accounts(posting.kind, (leg.account for leg in posting.legs)):
            self._note("posting_moves_foreign_account", posting)

    def _note(self, rule: str, posting: Posting) -> None:
        """Note the first violation of each rule: the rest of the ledger follows from it."""
        if not any(problem.rule == rule for problem in self.problems):
            self.problems.append(Violation(rule, self.part.user_id, f"posting {posting.seq}"))


def read_ledger(account: Account, part: AccountPart, history: AccountHistory) -> LedgerReading:
    """Read all postings of an account, a page at a time. The postings that the refunds of the part refund stay in it.

    Raises Problem("storage_unavailable").
    """
    reading = LedgerReading(part, frozenset(refund.refund_id for refund in history.refunds))
    wanted = {refund.seq for refund in history.refunds} | {totals.seq for totals in history.totals}
    since = 0
    while page := postings.oldest(account.user_id, since=since, limit=PAGE):
        for posting in page:
            reading.add(posting, account.deleted_seq)
            if posting.seq in wanted:
                reading.payments[posting.seq] = posting
        since = page[-1].seq + 1
        if len(page) < PAGE:
            break
    return reading


def award_violations(ledger: LedgerReading) -> Iterator[Violation]:
    """Awards of the part that were posted more than once."""
    for ref, sums in ledger.refs.items():
        if sums.kinds[PostingKind.POINTS] > 1:
            yield Violation("points_awarded_twice", ledger.part.user_id, ref)


def ledger_violations(account: Account, ledger: LedgerReading) -> Iterator[Violation]:
    """Every rule that does not hold between an account and its postings."""
    user_id = account.user_id
    yield from ledger.problems
    if (account.seq, account.last_hash, account.posted_at) != (ledger.count, ledger.hash, ledger.at):
        yield Violation("account_behind_its_postings", user_id, f"{account.seq} {ledger.count}")
    for name, field_name in USER_LEGS.items():
        balance = getattr(account, field_name)
        if balance != ledger.sums[name] or balance < 0:
            yield Violation("balance_differs", user_id, f"{name} {balance} {ledger.sums[name]}")
    if (account.due_paisa > account.reversal_due_paisa) != bool(account.due_rental_id):
        yield Violation("due_without_rental", user_id)
    if account.reversal_due_paisa and account.wallet_paisa:
        yield Violation("reversal_due_not_collected", user_id, f"{account.reversal_due_paisa} {account.wallet_paisa}")
    if ledger.signups_count > 1:
        yield Violation("signup_points_awarded_twice", user_id)
    if account.points_by_source != ledger.points_by_source:
        yield Violation("points_by_source_differ", user_id)
    for name in ("spent_paisa", "topped_up_paisa", "points_earned"):
        if getattr(account, name) != getattr(ledger, name):
            yield Violation("usage_differs", user_id, f"{name} {getattr(account, name)} {getattr(ledger, name)}")
