"""What the scheduled functions may do, by logical id."""

from collections.abc import Mapping

from chalicelib.services.outbox import (
    BROADCASTS,
    DEVICE_EVENTS,
    ERASURE,
    OTP,
    PAYMENT_EVENTS,
    POINTS,
    POISON,
    PUSH,
    REFUNDS,
)
from infra.grants.alerts import ALERT_GRANTS
from infra.grants.audit import AUDIT_GRANTS
from infra.grants.grant import Grants

SCHEDULE_GRANTS: Mapping[str, Grants] = {
    "PollMns": Grants(
        sends=(
            DEVICE_EVENTS,
            POISON,
        ),
    ),
    "SweepEjects": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "event_log": "BatchGetItem BatchWriteItem PutItem",
            "notifications": "BatchGetItem PutItem",
            "open_items": "BatchGetItem PutItem",
            "outbox": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "powerbanks": "BatchGetItem PutItem",
            "rentals": "BatchGetItem PutItem",
            "rentals/waiting": "Query",
            "settings": "Query",
            "stations": "GetItem UpdateItem",
        },
        sends=(PUSH,),
    ),
    "SweepRentals": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "event_log": "BatchGetItem PutItem",
            "notifications": "BatchGetItem PutItem",
            "outbox": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "rentals": "BatchGetItem PutItem",
            "rentals/with_notice": "Query",
            "settings": "Query",
        },
        sends=(PUSH,),
    ),
    "AlertOperators": ALERT_GRANTS,
    "SweepProfileReminders": Grants(
        {
            "accounts": "BatchGetItem",
            "notifications": "BatchGetItem PutItem",
            "settings": "Query",
            "users": "BatchGetItem PutItem",
            "users/with_reminder": "Query",
        },
    ),
    "SweepIntents": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "gateway_references": "BatchGetItem PutItem",
            "intents": "BatchGetItem PutItem",
            "intents/open": "Query",
            "notifications": "BatchGetItem PutItem",
            "open_items": "BatchGetItem DeleteItem PutItem",
            "outbox": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "settings": "Query",
        },
        sends=(POINTS,),
    ),
    "SweepRefunds": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "intents": "BatchGetItem",
            "notifications": "BatchGetItem PutItem",
            "open_items": "DeleteItem",
            "outbox": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "refund_totals": "BatchGetItem PutItem",
            "refunds": "BatchGetItem PutItem",
            "refunds/waiting": "Query",
            "settings": "Query",
        },
        sends=(PUSH,),
    ),
    "SweepOutbox": Grants(
        {
            "outbox": "BatchGetItem PutItem",
            "outbox/waiting": "Query",
            "settings": "Query",
        },
        sends=(
            BROADCASTS,
            ERASURE,
            OTP,
            PAYMENT_EVENTS,
            POINTS,
            PUSH,
            REFUNDS,
        ),
    ),
    "RefreshStations": Grants(
        {
            "cabinets": "BatchGetItem",
            "configured_listings": "BatchGetItem GetItem PutItem",
            "powerbanks": "BatchGetItem",
            "powerbanks/by_withheld": "Query",
            "settings": "Query",
            "station_listing_tags": "BatchGetItem GetItem UpdateItem",
            "station_listings": "BatchGetItem GetItem PutItem",
            "stations": "BatchGetItem",
            "stations/on_page": "Query",
        },
    ),
    "RefreshLeaderboards": Grants(
        {
            "accounts": "BatchGetItem GetItem UpdateItem",
            "accounts/score_changed": "Query",
            "leaderboards": "BatchGetItem GetItem PutItem",
            "scores": "BatchGetItem DeleteItem PutItem Query",
            "shard_rankings": "BatchGetItem PutItem",
        },
    ),
    "CountDays": Grants(
        {
            "accounts": "BatchGetItem GetItem UpdateItem",
            "accounts/uncounted": "Query",
            "configured_listings": "BatchGetItem",
            "counted_facts": "BatchGetItem PutItem",
            "day_counters": "BatchGetItem PutItem",
            "intents": "BatchGetItem GetItem UpdateItem",
            "intents/uncounted": "Query",
            "postings": "Query",
            "rentals": "BatchGetItem GetItem UpdateItem",
            "rentals/uncounted": "Query",
            "settings": "Query",
            "station_listing_tags": "BatchGetItem",
            "station_listings": "BatchGetItem",
            "unlocked_achievements": "Query",
            "users": "BatchGetItem",
        },
    ),
    "RecountDays": Grants(
        {
            "day_counters": "BatchGetItem PutItem",
            "day_recount_walks": "BatchGetItem PutItem",
            "day_recounts": "BatchGetItem PutItem",
            "intents": "Scan",
            "postings": "Scan",
            "rentals": "Scan",
        },
    ),
    "WatchCabinets": Grants(
        {
            "cabinets": "BatchGetItem PutItem",
            "settings": "Query",
            "station_listing_tags": "BatchGetItem",
            "stations/on_page": "Query",
        },
    ),
    "SweepUploads": Grants(
        {
            "accounts": "BatchGetItem",
            "outbox": "BatchGetItem PutItem",
            "settings": "Query",
            "uploads": "BatchGetItem DeleteItem PutItem",
            "uploads/waiting": "Query",
        },
        sends=(ERASURE,),
    ),
    "Reconcile": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "gateway_references": "BatchGetItem PutItem",
            "intents": "BatchGetItem PutItem",
            "intents/by_credit": "Query",
            "intents/credited": "Query",
            "intents/made": "Query",
            "notifications": "BatchGetItem PutItem",
            "open_items": "BatchGetItem DeleteItem PutItem",
            "outbox": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "refund_totals": "BatchGetItem",
            "refunds": "BatchGetItem",
            "report_lines": "BatchGetItem PutItem Query",
            "reports": "BatchGetItem PutItem",
            "reports/running": "Query",
            "reversal_walks": "BatchGetItem PutItem",
            "reversals": "BatchGetItem PutItem",
            "settings": "Query",
        },
        sends=(POINTS,),
    ),
    "BeginAudit": Grants({"audits": "BatchGetItem PutItem"}),
    "AuditLedger": AUDIT_GRANTS,
}
