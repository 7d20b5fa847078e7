"""Power banks and their custody."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.rows import Key, Row, entity, values


class PowerbankRow(Row):
    class Meta:
        table_name = "powerbanks"

    powerbank_sn = UnicodeAttribute(hash_key=True)
    custody = EnumAttribute(Custody)
    moved_at = TimeAttribute()
    station_sn = UnicodeAttribute(null=True)
    slot_number = IntAttribute(null=True)
    rental_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    last_rental_id = UnicodeAttribute(null=True)
    last_user_id = UnicodeAttribute(null=True)
    battery_percent = IntAttribute(null=True)
    eject_failed_at = TimeAttribute(null=True)
    answer_due_from = UnicodeAttribute(null=True)
    eject_answered_at = TimeAttribute(null=True)
    doubted_rental_id = UnicodeAttribute(null=True)
    doubted_user_id = UnicodeAttribute(null=True)
    two_places_at = TimeAttribute(null=True)
    version = IntAttribute()


def powerbank_key(powerbank_sn: str) -> Key[Powerbank]:
    return Key(PowerbankRow, powerbank_sn, None, lambda row: entity(row, Powerbank))


def save_powerbank(ops: Transaction, powerbank: Powerbank) -> None:
    ops.save(PowerbankRow(**values(powerbank)), powerbank.version)
