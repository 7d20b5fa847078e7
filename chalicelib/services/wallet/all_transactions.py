"""Transactions of all wallets, as operators list them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.money.ledger_entries import GATEWAY
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.text.days import Span
from chalicelib.domain.text.ids import first_id_of
from chalicelib.domain.users.user import User
from chalicelib.services.newest_pages import NewestPage, Position, read_page
from chalicelib.services.wallet import posting_at
from chalicelib.services.wallet.transactions import (
    STATED_AS,
    LineStatus,
    LineType,
    TransactionLine,
    line_of,
    with_current_status,
)
from chalicelib.tables import accounts, postings, users
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.tables.newest_first import LATEST, OLDEST
from chalicelib.tables.rows import Key

LINES_AT_ONCE = 100
"""One read finds the current status of this many lines."""
POINTS, WALLET = "points", "wallet"


@dataclass(frozen=True)
class TransactionRecord:
    """A line of some wallet, with its user. `user` is None once the account is deleted."""

    line: TransactionLine
    user: User | None

    @property
    def source(self) -> str:
        """Where the money came from or went to: a gateway's name, the wallet, or points alone."""
        accounts_moved = [leg.account for leg in self.line.posting.legs]
        gateway = next((name for name in accounts_moved if name.startswith(GATEWAY)), None)
        if gateway is not None:
            return gateway.removeprefix(GATEWAY)
        return WALLET if self.line.wallet_paisa or not self.line.points else POINTS

    @property
    def wallet_before_paisa(self) -> int:
        posting = self.line.posting
        return posting.wallet_after_paisa - posting.change_of("wallet")


@dataclass(frozen=True)
class TransactionsFilter:
    """What the listed transactions have in common. None leaves a field open."""

    span: Span
    kind: LineType | None = None
    status: LineStatus | None = None
    user_id: str | None = None

    @property
    def matches(self) -> Callable[[TransactionLine], bool] | None:
        """What no index answers; None when the index answers it all."""
        if (self.kind, self.status) == (None, None):
            return None
        return lambda line: self.kind in (None, line.kind) and self.status in (None, line.status)


def page_of(criteria: TransactionsFilter, page: NumberedPage, *, before: str | None) -> NewestPage[TransactionRecord]:
    """The lines older than the position `before`, or the page by number, the newest first.

    A posting that another line shows has none of its own, so that a page may hold less than it could.
    """

    def read(limit: int) -> list[Position[Key[Posting]]]:
        found = _positions(criteria, before=before, limit=limit + 1)
        return [position for position in found if position.text != before][:limit]

    found = read_page(read, _load, page, by_cursor=before is not None, matches=criteria.matches)
    return NewestPage(_with_users(found.items), found.following, found.listed)


def _positions(criteria: TransactionsFilter, *, before: str | None, limit: int) -> Sequence[Position[Key[Posting]]]:
    if criteria.user_id is not None:
        return _positions_of(criteria.user_id, criteria.span, before=before, limit=limit)
    after = first_id_of(criteria.span.start) if criteria.span.start else OLDEST
    latest = f"{first_id_of(criteria.span.end)}{LATEST}" if criteria.span.end else LATEST
    until = min(before, latest) if before is not None else latest
    if until < after:
        return []
    return [Position(*found) for found in postings.newest_of_all(after=after, before=until, limit=limit)]


def _positions_of(user_id: str, span: Span, *, before: str | None, limit: int) -> Sequence[Position[Key[Posting]]]:
    """Those of one user, whose postings have numbers."""
    account = fetch_one(accounts.account_key(user_id))
    if account is None:
        return []
    seq = int(before.rpartition("#")[2]) if before is not None else None
    if seq is None and span.end is not None:
        seq = posting_at.last_seq_at(account, span.end) + 1
    newest = postings.newest(user_id, before=seq, limit=limit)
    inside = takewhile(lambda posting: span.start is None or posting.at >= span.start, newest)
    return [Position(postings.position_of(posting), postings.posting_key(user_id, posting.seq)) for posting in inside]


def _load(keys: Sequence[Key[Posting]]) -> Mapping[Key[Posting], TransactionLine]:
    """The lines of postings, with their current status."""
    account_keys = {key.hash_key: accounts.account_key(key.hash_key) for key in keys}
    found = fetch_all([*keys, *account_keys.values()])
    key_of: dict[tuple[str, int], Key[Posting]] = {}
    lines: list[TransactionLine] = []
    for key in keys:
        posting, account = found[key], found[account_keys[key.hash_key]]
        line = _line(posting, account) if posting is not None and account is not None else None
        if line is not None:
            key_of[line.posting.user_id, line.posting.seq] = key
            lines.append(line)
    current: list[TransactionLine] = []
    for start in range(0, len(lines), LINES_AT_ONCE):
        current += with_current_status(lines[start : start + LINES_AT_ONCE])
    return {key_of[line.posting.user_id, line.posting.seq]: line for line in current}


def _line(posting: Posting, account: Account) -> TransactionLine | None:
    """The line that customers see too, or the line of a posting that only their statement shows."""
    if posting.kind in STATED_AS:
        wallet_paisa, points = posting.change_of("wallet"), posting.change_of("points")
        return TransactionLine(posting, STATED_AS[posting.kind], LineStatus.SUCCESS, wallet_paisa, points)
    return line_of(posting, account)


def _with_users(lines: Sequence[TransactionLine]) -> Sequence[TransactionRecord]:
    keys = {line.posting.user_id: users.user_key(line.posting.user_id) for line in lines}
    found = fetch_all([*keys.values()])
    return [TransactionRecord(line, found[keys[line.posting.user_id]]) for line in lines]
