"""Scans of whole tables, for the audit. No request, message or schedule of each minute may call it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.domain.account import Account
from chalicelib.domain.ledger import Posting
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.refund import Refund
from chalicelib.domain.refund_totals import RefundTotals
from chalicelib.domain.rental import Rental
from chalicelib.domain.reversal import Reversal
from chalicelib.domain.topup_intent import Intent
from chalicelib.domain.user import User
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.outbox import Message, OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.refunds import RefundRow, RefundTotalsRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.reversals import ReversalRow
from chalicelib.tables.rows import Row, entity
from chalicelib.tables.users import UserRow

T = TypeVar("T")


@dataclass(frozen=True)
class AuditData:
    """All rows that the audit checks."""

    accounts: list[Account]
    users: list[User]
    identities: list[tuple[str, str]]
    postings: list[Posting]
    rentals: list[Rental]
    powerbanks: list[Powerbank]
    intents: list[Intent]
    messages: list[Message]
    refunds: list[Refund]
    tallies: list[RefundTotals]
    reversals: list[Reversal]


def read() -> AuditData:
    """Scan every table. Each row is strongly consistent, but the rows are not of one moment: audit a quiet system."""
    return AuditData(
        _all(AccountRow, Account),
        _all(UserRow, User),
        [(row.identity, row.user_id) for row in _rows(IdentityRow)],
        _all(PostingRow, Posting),
        _all(RentalRow, Rental),
        _all(PowerbankRow, Powerbank),
        _all(IntentRow, Intent),
        _all(OutboxRow, Message),
        _all(RefundRow, Refund),
        _all(RefundTotalsRow, RefundTotals),
        _all(ReversalRow, Reversal),
    )


def _all(model: type[Row], of: type[T]) -> list[T]:
    return [entity(row, of) for row in _rows(model)]


def _rows(model: type[Row]) -> list[Any]:
    with storage():
        return list(model.scan(consistent_read=True))
