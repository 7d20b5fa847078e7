"""Rental packages."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.money.pricing import Package, PaymentModel
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


class PackageRow(Row):
    """All packages have the same `partition`, so that one query lists them."""

    class Meta:
        table_name = "packages"

    partition = UnicodeAttribute(hash_key=True, default=CURRENT)
    package_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    minutes = IntAttribute()
    price_paisa = IntAttribute()
    payment_model = EnumAttribute(PaymentModel)
    description = UnicodeAttribute()
    active = BooleanAttribute()
    display_order = IntAttribute()
    name_ne = UnicodeAttribute(null=True)
    description_ne = UnicodeAttribute(null=True)
    version = IntAttribute()


def package_key(package_id: str) -> Key[Package]:
    return Key(PackageRow, CURRENT, package_id, lambda row: entity(row, Package))


def packages() -> list[Package]:
    """All packages in display order."""
    with storage():
        unordered = [entity(row, Package) for row in PackageRow.query(CURRENT)]
    return sorted(unordered, key=lambda package: (package.display_order, package.package_id))


def save_package(ops: Transaction, package: Package) -> None:
    ops.save(PackageRow(partition=CURRENT, **values(package)), package.version)
