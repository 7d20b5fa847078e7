"""What the schedule that alerts operators may do."""

from chalicelib.services.outbox import CONSUMED, POISON, dead_letter_name
from infra.grants.grant import Grants

ALERT_GRANTS = Grants(
    {
        "accounts": "BatchGetItem",
        "cabinets": "BatchGetItem",
        "intents": "BatchGetItem",
        "intents/in_review": "Query",
        "notifications": "BatchGetItem PutItem",
        "operator_alerts": "BatchGetItem DeleteItem PutItem Query",
        "operators": "Query",
        "reports": "BatchGetItem",
        "reversals": "BatchGetItem",
        "reversals/by_state": "Query",
        "settings": "Query",
        "station_listing_tags": "BatchGetItem",
        "stations": "BatchGetItem",
        "stations/on_page": "Query",
    },
    watches=(*map(dead_letter_name, CONSUMED), POISON),
)
