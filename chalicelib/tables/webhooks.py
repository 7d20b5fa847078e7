"""Webhook events of payment gateways, stored so that each is handled once. Rows hold no personal data."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.rows import Key, Row, entity, values


@dataclass(frozen=True)
class Webhook:
    """An event of a gateway. `webhook` is `gateway#event`, `digest` the SHA-256 of the request."""

    webhook: str
    gateway: str
    user_id: str
    intent_id: str
    received_at: datetime
    digest: str


class WebhookRow(Row):
    class Meta:
        table_name = "webhooks"

    webhook = UnicodeAttribute(hash_key=True)
    gateway = UnicodeAttribute()
    user_id = UnicodeAttribute()
    intent_id = UnicodeAttribute()
    received_at = TimeAttribute(attr_name="heard_at")
    digest = UnicodeAttribute()
    expires = IntAttribute()


def webhook_key(webhook: str) -> Key[Webhook]:
    return Key(WebhookRow, webhook, None, lambda row: entity(row, Webhook))


def add(ops: Transaction, webhook: Webhook, *, until: datetime, conflict: Exception) -> None:
    """Stage the event. Raises `conflict` when it is stored already."""
    ops.add(WebhookRow(**values(webhook), expires=int(until.timestamp())), conflict=conflict)
