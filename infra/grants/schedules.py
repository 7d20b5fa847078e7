"""What the scheduled functions may do, by logical id."""

from collections.abc import Mapping

from chalicelib.services.outbox import (
    DEVICE_EVENTS,
    ERASURE,
    OTP,
    PAYMENT_EVENTS,
    POINTS,
    POISON,
    PUSH,
    REFUNDS,
)
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
            "event_log": "BatchWriteItem",
            "postings": "BatchGetItem PutItem",
            "powerbanks": "BatchGetItem PutItem",
            "rentals": "BatchGetItem PutItem",
            "rentals/waiting": "Query",
            "settings": "Query",
            "stations": "GetItem UpdateItem",
        },
    ),
    "SweepRentals": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "rentals": "BatchGetItem PutItem",
            "rentals/with_notice": "Query",
        },
    ),
    "SweepIntents": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "gateway_references": "BatchGetItem PutItem",
            "intents": "BatchGetItem PutItem",
            "intents/open": "Query",
            "notifications": "BatchGetItem PutItem",
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
            "settings": "Query",
            "station_listing_tags": "BatchGetItem GetItem UpdateItem",
            "station_listings": "BatchGetItem GetItem PutItem",
            "stations": "BatchGetItem",
            "stations/on_page": "Query",
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
    "AuditLedger": Grants(
        {
            "accounts": "BatchGetItem Scan",
            "active_sessions": "BatchGetItem Scan",
            "audit_violations": "PutItem",
            "audit_walks": "BatchGetItem PutItem",
            "audits": "BatchGetItem PutItem",
            "challenges": "BatchGetItem Scan",
            "device_counts": "BatchGetItem Scan",
            "devices": "Query Scan",
            "gateway_references": "BatchGetItem Scan",
            "idempotency_records": "BatchGetItem Scan",
            "identities": "BatchGetItem Scan",
            "intents": "BatchGetItem Query Scan",
            "kyc_submissions": "BatchGetItem Scan",
            "outbox": "BatchGetItem Scan",
            "postings": "BatchGetItem Query Scan",
            "powerbanks": "BatchGetItem Scan",
            "powerbanks/by_slot": "Query",
            "refund_totals": "Query Scan",
            "refunds": "BatchGetItem Query Scan",
            "rentals": "BatchGetItem Query Scan",
            "reversals": "Query Scan",
            "settings": "Query",
            "station_issues": "Query Scan",
            "users": "BatchGetItem Scan",
        },
    ),
}
