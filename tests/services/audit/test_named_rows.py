"""The audit knows every table by user, and what every route with an Idempotency-Key makes."""

from app import app
from chalicelib.services.audit.named_rows import RESOURCES
from chalicelib.tables import audit_scan
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.dynamodb import fetch_all
from chalicelib.tables.idempotency import IdempotencyRow
from chalicelib.tables.issues import IssueClaimRow
from chalicelib.tables.notifications import NotificationRow, ReadMarkRow
from chalicelib.tables.push_deliveries import PushDeliveryRow
from chalicelib.tables.rental_locations import RentalLocationRow
from chalicelib.tables.uploads import UploadRow
from chalicelib.world import World
from infra.local.aws.iam import running
from infra.openapi.document import routes_of

NOT_OWNED = {
    AccountRow,
    IdempotencyRow,
    IssueClaimRow,
    NotificationRow,
    ReadMarkRow,
    PushDeliveryRow,
    RentalLocationRow,
    UploadRow,
}
"""Tables by user that the audit checks in another way, or whose rows end by themselves."""


def test_the_audit_checks_the_effect_of_every_route_with_an_idempotency_key() -> None:
    assert {route.name for route in routes_of(app) if route.idempotent} == set(RESOURCES)


def test_the_audit_looks_for_the_account_of_every_row_by_user() -> None:
    by_user = {model for model in ROW_TYPES if "user_id" in (model._hash_keyname, model._range_keyname)}
    assert {table.model for table in audit_scan.OWNED.values()} == by_user - NOT_OWNED


def test_the_audit_may_read_what_every_route_with_an_idempotency_key_makes(world: World) -> None:
    keys = dict.fromkeys(key_of("nobody", "1") for key_of in RESOURCES.values())
    with running("AuditLedger"):
        found = fetch_all([*keys])
    assert not any(found[key] for key in keys)
