"""What an operator sets: packages and the runtime settings; and the log of what operators did."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.pricing import Package, PaymentModel
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import Key, Row, entity, storage, values

CURRENT = "current"


class PackageRow(Row):
    """All packages lie under one `catalogue`, so that the list is one query."""

    class Meta:
        table_name = "packages"

    catalogue = UnicodeAttribute(hash_key=True, default=CURRENT)
    package_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    minutes = IntAttribute()
    price_paisa = IntAttribute()
    payment_model = EnumAttribute(PaymentModel)
    description = UnicodeAttribute()
    active = BooleanAttribute()
    display_order = IntAttribute()


class SettingsRow(Row):
    class Meta:
        table_name = "config"

    name = UnicodeAttribute(hash_key=True)
    overrides = JSONAttribute()


class AuditRow(Row):
    """One write by an operator. `month` is `YYYY-MM`, `entry` sorts by time."""

    class Meta:
        table_name = "audit_log"

    month = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    admin_id = UnicodeAttribute()
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    changes = JSONAttribute()
    at = TimeAttribute()


def package_key(package_id: str) -> Key[Package]:
    return Key(PackageRow, CURRENT, package_id, lambda row: entity(row, Package))


def packages() -> list[Package]:
    """All of them, in the order they are shown."""
    with storage():
        found = [entity(row, Package) for row in PackageRow.query(CURRENT)]
    return sorted(found, key=lambda package: (package.display_order, package.package_id))


def add_package(ops: Ops, package: Package) -> None:
    ops.add(PackageRow(catalogue=CURRENT, **values(package)))


def overrides() -> dict[str, Any]:
    """Settings an operator changed. Raises Problem("storage_unavailable")."""
    with storage():
        row = next(iter(SettingsRow.query(CURRENT)), None)
    return dict(row.overrides) if row is not None else {}


def set_overrides(changed: dict[str, Any]) -> None:
    with storage():
        SettingsRow(name=CURRENT, overrides=changed).save()


def log_admin(
    ops: Ops, *, entry: str, admin_id: str, action: str, target: str, changes: dict[str, Any], at: datetime
) -> None:
    """In the same transaction as what the operator did."""
    ops.add(
        AuditRow(
            month=f"{at:%Y-%m}",
            entry=entry,
            admin_id=admin_id,
            action=action,
            target=target,
            changes=changes,
            at=at,
        )
    )
