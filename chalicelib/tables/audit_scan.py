"""Pages of whole tables, for the audit and the recount of a day. Nothing else may call it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, cast

from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.achievements import UnlockedAchievementRow
from chalicelib.tables.balance_additions import BalanceAdditionRow
from chalicelib.tables.cabinets import BindingRow, CabinetRow
from chalicelib.tables.coupons import CouponRow, CouponUseRow, UserCouponCountRow
from chalicelib.tables.day_counters import CountedRow
from chalicelib.tables.devices import DeviceCountRow, DeviceRow
from chalicelib.tables.dynamodb import shared_connection, storage
from chalicelib.tables.idempotency import IdempotencyRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intent_references import Pointer, ReferenceRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.invitations import InvitationRow
from chalicelib.tables.issues import StationIssueRow
from chalicelib.tables.kyc import KycSubmissionRow
from chalicelib.tables.leaderboards import ScoreRow
from chalicelib.tables.open_items import OpenItemRow
from chalicelib.tables.operators import OperatorRow
from chalicelib.tables.otp import ChallengeRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.refunds import RefundRow, RefundTotalsRow
from chalicelib.tables.rental_issues import RentalIssueRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.reversals import ReversalRow
from chalicelib.tables.rows import Row, entity
from chalicelib.tables.sessions import ActiveSessionsRow
from chalicelib.tables.stations import StationRow
from chalicelib.tables.users import UserRow

T = TypeVar("T")
SEGMENTS = 2
"""Into how many segments a table is divided. Each has a checkpoint of its own, so that they can be read at once."""


@dataclass(frozen=True)
class ScannedTable(Generic[T]):
    """A table that the audit goes through, and what it reads of each row: `fields` only, as `value_of` makes it."""

    model: type[Row]
    fields: tuple[str, ...]
    value_of: Callable[[Any], T]


@dataclass(frozen=True)
class ScannedPage(Generic[T]):
    """Values of one segment in the order of the scan, each with the position after its row.

    `after` is where the page begins, `position` where the next one does; None at the end. `unreadable` are damaged
    rows: the position after each, and the name of the error. `positions` are those of all rows.
    """

    rows: Sequence[tuple[str, T]]
    after: str
    position: str | None
    unreadable: Sequence[tuple[str, str]] = ()
    positions: Sequence[str] = ()


def _by(field: str, model: type[Row]) -> ScannedTable[str]:
    """Reads one field of each row, as text."""
    return ScannedTable(model, (field,), lambda row: str(getattr(row, field)))


def _whole(model: type[Row], of: type[T]) -> ScannedTable[T]:
    """Reads whole rows, as a dataclass."""
    return ScannedTable(model, tuple(f.name for f in fields(cast(Any, of))), lambda row: entity(row, of))


WHOLE_RENTALS = _whole(RentalRow, Rental)
WHOLE_INTENTS = _whole(IntentRow, Intent)
WHOLE_POSTINGS = _whole(PostingRow, Posting)
"""What the recount of a day reads."""
ACCOUNTS = ScannedTable(AccountRow, ("user_id", "seq"), lambda row: (str(row.user_id), int(row.seq or 0)))
"""Each account with the number of its postings."""
POWERBANKS = _by("powerbank_sn", PowerbankRow)
STATIONS = _by("sn", StationRow)
CABINETS = _by("sn", CabinetRow)
BINDINGS = ScannedTable(BindingRow, ("imei", "sn"), lambda row: (str(row.imei), str(row.sn)))
COUPONS = _by("code", CouponRow)
USE_COUNTS = ScannedTable(UserCouponCountRow, ("user_id", "code"), lambda row: (str(row.user_id), str(row.code)))
"""How often each user has used each coupon."""
IDENTITIES = ScannedTable(IdentityRow, ("identity", "user_id"), lambda row: (str(row.identity), str(row.user_id)))
REFERENCES = ScannedTable(
    ReferenceRow,
    ("reference", "user_id", "intent_id"),
    lambda row: (str(row.reference), Pointer(str(row.user_id), str(row.intent_id))),
)
CHALLENGES = ScannedTable(
    ChallengeRow,
    ("challenge_id", "guesses"),
    lambda row: (str(row.challenge_id), max(row.guesses.values(), default=0)),
)
MESSAGES = ScannedTable(OutboxRow, ("message_id", "due_at"), lambda row: (str(row.message_id), row.due_at))
IDEMPOTENCY_RECORDS = ScannedTable(
    IdempotencyRow,
    ("user_id", "name", "resource_id"),
    lambda row: (str(row.user_id), str(row.name), str(row.resource_id)),
)
OWNED: Mapping[str, ScannedTable[str]] = {
    "users": _by("user_id", UserRow),
    "kyc_submissions": _by("user_id", KycSubmissionRow),
    "postings": _by("user_id", PostingRow),
    "rentals": _by("user_id", RentalRow),
    "intents": _by("user_id", IntentRow),
    "refunds": _by("user_id", RefundRow),
    "refund_totals": _by("user_id", RefundTotalsRow),
    "reversals": _by("user_id", ReversalRow),
    "balance_additions": _by("user_id", BalanceAdditionRow),
    "devices": _by("user_id", DeviceRow),
    "device_counts": _by("user_id", DeviceCountRow),
    "active_sessions": _by("user_id", ActiveSessionsRow),
    "operators": _by("user_id", OperatorRow),
    "open_items": _by("user_id", OpenItemRow),
    "station_issues": _by("user_id", StationIssueRow),
    "rental_issues": _by("user_id", RentalIssueRow),
    "invitations": _by("user_id", InvitationRow),
    "achievements": _by("user_id", UnlockedAchievementRow),
    "scores": _by("user_id", ScoreRow),
    "counted_facts": _by("user_id", CountedRow),
    "coupon_uses": _by("user_id", CouponUseRow),
    "coupon_counts": _by("user_id", UserCouponCountRow),
}
"""Tables by user, by the name of what they hold. Every user in them must have an account."""


def read_page(table: ScannedTable[T], segment: int | None = None, *, after: str, limit: int) -> ScannedPage[T]:
    """At most `limit` rows of a segment, or of the whole table, after a position ("" for the start). May be stale.

    Raises Problem("storage_unavailable").
    """
    model: Any = table.model
    keys = [key.attr_name for key in (model._hash_key_attribute(), model._range_key_attribute()) if key is not None]
    names = {f"#{number}": name for number, name in enumerate(dict.fromkeys((*keys, *table.fields)))}
    request: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "Limit": limit,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }
    if segment is not None:
        request |= {"Segment": segment, "TotalSegments": SEGMENTS}
    if after:
        request["ExclusiveStartKey"] = json.loads(after)
    with storage():
        page = shared_connection().dispatch("Scan", request)
    rows: list[tuple[str, T]] = []
    unreadable: list[tuple[str, str]] = []
    positions = [_position({key: item[key] for key in keys}) for item in page["Items"]]
    for position, item in zip(positions, page["Items"], strict=True):
        try:
            rows.append((position, table.value_of(model.from_raw_data(dict(item)))))
        except Exception as error:  # noqa: BLE001  one damaged row must not hide the rows behind it
            unreadable.append((position, type(error).__name__))
    last = page.get("LastEvaluatedKey")
    return ScannedPage(rows, after, _position(last) if last else None, unreadable, positions)


def _position(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)
