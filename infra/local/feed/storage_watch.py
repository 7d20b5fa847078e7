"""Watches the writes of the service's DynamoDB client: postings for the feed, what belongs to which rental, and the
outbox.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.money.ledger import NPR, PTS, PostingKind
from chalicelib.tables.notifications import NotificationRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from infra.local.aws.table_client import Listener, TableClientListeners
from infra.local.feed.backlog import OutboxCount
from infra.local.feed.event_feed import EventFeed

TRANSACTION, DELETION = "TransactWriteItems", "DeleteItem"
REQUEST = "watched_items"
OF_RENTALS = frozenset(
    {
        PostingKind.HOLD,
        PostingKind.SETTLE,
        PostingKind.RELEASE,
        PostingKind.CHARGE,
        PostingKind.EXTENSION,
        PostingKind.CHARGE_UNDONE,
        PostingKind.LATE_FEE,
        PostingKind.CANCEL,
        PostingKind.FOUND,
        PostingKind.DUE,
        PostingKind.PAY_DUE,
    }
)
"""The kinds of postings whose reference is a rental."""
UNITS = {NPR: "paisa", PTS: "points"}


class StorageWatch:
    """A transaction is told of only after DynamoDB accepted it, whichever engine holds the tables."""

    def __init__(self, feed: EventFeed, outbox: OutboxCount) -> None:
        self._feed = feed
        self._outbox = outbox
        self._client_listeners = TableClientListeners(self._listeners())

    def start(self) -> None:
        """Listen to the client of the tables. Raises LookupError before the tables are connected."""
        self._client_listeners.start()

    def stop(self) -> None:
        self._client_listeners.stop()

    def _listeners(self) -> list[Listener]:
        return [
            (f"before-parameter-build.dynamodb.{TRANSACTION}", _note_request),
            (f"before-parameter-build.dynamodb.{DELETION}", _note_deletion),
            (f"after-call.dynamodb.{TRANSACTION}", self._tell),
            (f"after-call.dynamodb.{DELETION}", self._note_outbox),
        ]

    def _tell(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if "Error" in parsed:
            return
        self._note_outbox(parsed, context)
        rows = [item["Put"] for item in context.get(REQUEST, ()) if "Put" in item]
        for row in rows:
            if row["TableName"].endswith(PowerbankRow.Meta.table_name) and "rental_id" in row["Item"]:
                self._feed.tie(row["Item"]["powerbank_sn"]["S"], row["Item"]["rental_id"]["S"])
            if row["TableName"].endswith(NotificationRow.Meta.table_name):
                self._tie_notification(NotificationRow.from_raw_data(row["Item"]))
        for row in rows:
            if row["TableName"].endswith(PostingRow.Meta.table_name):
                self._tell_posting(PostingRow.from_raw_data(row["Item"]))

    def _note_outbox(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if "Error" in parsed:
            return
        for item in context.get(REQUEST, ()):
            for write, note in (("Put", self._outbox.note_put), ("Delete", self._outbox.note_deleted)):
                if item.get(write, {}).get("TableName", "").endswith(OutboxRow.Meta.table_name):
                    note((item[write].get("Item") or item[write]["Key"])["message_id"]["S"])

    def _tie_notification(self, row: NotificationRow) -> None:
        if "rental_id" in row.data:
            self._feed.tie(row.notification_id, str(row.data["rental_id"]))

    def _tell_posting(self, row: PostingRow) -> None:
        legs = [{"account": leg.account, "unit": UNITS[leg.currency], "amount": leg.amount} for leg in row.legs]
        self._feed.add(
            "posting",
            f"{row.kind.value}: " + ", ".join(f"{leg['account']} {leg['amount']:+d} {leg['unit']}" for leg in legs),
            rental_id=self._rental_of(row),
            user_id=row.user_id,
            seq=row.seq,
            posting=row.kind.value,
            ref=row.ref,
            legs=legs,
        )

    def _rental_of(self, row: PostingRow) -> str | None:
        """The rental that a posting is about: its reference, or the end of the reference of its points."""
        about = row.ref.rpartition(":")[2]
        return about if row.kind in OF_RENTALS or self._feed.knows(about) else None


def _note_request(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[REQUEST] = params["TransactItems"]


def _note_deletion(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[REQUEST] = [{"Delete": params}]
