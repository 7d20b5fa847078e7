"""What the consumers of the queues may do, by logical id."""

from collections.abc import Mapping

from chalicelib.services.outbox import DEVICE_EVENTS, ERASURE, OTP, PAYMENT_EVENTS, POINTS, PUSH, REFUNDS
from infra.grants.grant import Grants

CONSUMER_GRANTS: Mapping[str, Grants] = {
    "SendOtps": Grants(
        {
            "challenges": "BatchGetItem",
            "outbox": "BatchGetItem DeleteItem GetItem",
            "provider_backoff": "BatchGetItem DeleteItem GetItem UpdateItem",
            "settings": "Query",
        },
        consumes=OTP,
        mails=True,
    ),
    "AwardPoints": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "outbox": "DeleteItem",
            "postings": "BatchGetItem PutItem",
        },
        consumes=POINTS,
    ),
    "HandleDeviceEvents": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "bindings": "BatchGetItem",
            "cabinets": "BatchGetItem GetItem PutItem UpdateItem",
            "event_log": "BatchWriteItem",
            "postings": "BatchGetItem PutItem",
            "powerbanks": "BatchGetItem PutItem",
            "rentals": "BatchGetItem PutItem Query",
            "rentals/of_station": "Query",
            "return_doubts": "BatchGetItem PutItem Query",
            "settings": "Query",
            "stations": "BatchGetItem GetItem UpdateItem",
            "unreadable_returns": "BatchGetItem PutItem",
        },
        consumes=DEVICE_EVENTS,
    ),
    "HandlePaymentEvents": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "gateway_references": "BatchGetItem PutItem",
            "intents": "BatchGetItem PutItem",
            "notifications": "BatchGetItem PutItem",
            "outbox": "BatchGetItem DeleteItem GetItem PutItem",
            "postings": "BatchGetItem PutItem",
            "refund_totals": "BatchGetItem",
            "refunds": "BatchGetItem",
            "reversals": "BatchGetItem PutItem",
            "settings": "Query",
        },
        sends=(POINTS,),
        consumes=PAYMENT_EVENTS,
    ),
    "SendRefunds": Grants(
        {
            "accounts": "BatchGetItem PutItem",
            "intents": "BatchGetItem",
            "notifications": "BatchGetItem PutItem",
            "outbox": "BatchGetItem DeleteItem PutItem",
            "postings": "BatchGetItem PutItem",
            "refund_totals": "BatchGetItem PutItem",
            "refunds": "BatchGetItem PutItem",
            "settings": "Query",
        },
        sends=(PUSH,),
        consumes=REFUNDS,
    ),
    "Erase": Grants(
        {
            "accounts": "BatchGetItem",
            "active_sessions": "BatchGetItem DeleteItem",
            "challenges": "DeleteItem",
            "device_counts": "DeleteItem",
            "devices": "DeleteItem Query",
            "idempotency_records": "DeleteItem Query",
            "identities": "DeleteItem GetItem PutItem",
            "issue_claims": "DeleteItem Query",
            "kyc_submissions": "BatchGetItem DeleteItem",
            "notifications": "DeleteItem Query",
            "otp_quotas": "BatchGetItem",
            "outbox": "BatchGetItem DeleteItem GetItem PutItem",
            "push_deliveries": "DeleteItem Query",
            "push_tokens": "DeleteItem GetItem",
            "read_marks": "DeleteItem",
            "refunds": "BatchGetItem PutItem Query",
            "rental_locations": "DeleteItem Query",
            "rentals": "BatchGetItem PutItem Query",
            "sessions": "DeleteItem",
            "settings": "Query",
            "station_issues": "DeleteItem Query",
            "uploads": "DeleteItem Query",
            "users": "BatchGetItem DeleteItem",
        },
        sends=(ERASURE,),
        consumes=ERASURE,
    ),
    "SendPushes": Grants(
        {
            "accounts": "BatchGetItem",
            "devices": "BatchGetItem PutItem Query",
            "notifications": "BatchGetItem",
            "outbox": "BatchGetItem DeleteItem GetItem",
            "provider_backoff": "BatchGetItem DeleteItem GetItem UpdateItem",
            "push_deliveries": "GetItem PutItem Query",
            "push_tokens": "DeleteItem",
            "sessions": "BatchGetItem",
            "settings": "Query",
            "users": "BatchGetItem",
        },
        consumes=PUSH,
    ),
}
