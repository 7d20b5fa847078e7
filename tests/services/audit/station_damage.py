"""Damages stations, cabinets, power banks and references, each with the rule of the audit that it breaks."""

from collections.abc import Callable

from chalicelib.tables.cabinets import BindingRow, CabinetRow
from chalicelib.tables.credentials import CredentialsRow
from chalicelib.tables.intent_references import BY_ID, ReferenceRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.stations import StationRow
from tests.services.audit.row_damage import customer_of, raised
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network

OTHER_IMEI = "864601069900000"


def listed_bank_lost(_: Network) -> None:
    """No rental names the power bank."""
    PowerbankRow(LABIM.slots()[2][0]).delete()


def returned_bank_lost(network: Network) -> None:
    """No cabinet lists the power bank, and a rental that has ended names it."""
    rental = next(iter(RentalRow.query(customer_of(network))))
    network.report_return(CIVIL, rental.powerbank_sn, slot=6)
    row = CabinetRow.get(CIVIL.sn)
    row.slots = {}
    row.save()
    PowerbankRow(rental.powerbank_sn).delete()


def station_lost(_: Network) -> None:
    StationRow(CIVIL.sn).delete()


def cabinet_lost(_: Network) -> None:
    CabinetRow(CIVIL.sn).delete()


def cabinet_of_another_imei(_: Network) -> None:
    CabinetRow(CIVIL.sn).update([CabinetRow.imei.set(OTHER_IMEI)])


def binding_lost(_: Network) -> None:
    BindingRow(CIVIL.imei).delete()


def binding_of_another_station(_: Network) -> None:
    BindingRow(CIVIL.imei).update([BindingRow.sn.set(LABIM.sn)])


def binding_of_an_earlier_modem(_: Network) -> None:
    BindingRow(imei=OTHER_IMEI, sn=CIVIL.sn, name="Civil Mall").save()


def reference_by_id_lost(network: Network) -> None:
    intent = next(iter(IntentRow.query(customer_of(network))))
    ReferenceRow(f"{BY_ID}#{intent.intent_id}").delete()


def reference_of_the_gateway_lost(network: Network) -> None:
    intent = next(iter(IntentRow.query(customer_of(network))))
    ReferenceRow(f"{intent.gateway}#{intent.gateway_ref}").delete()


def reference_of_another(network: Network) -> None:
    intent = next(iter(IntentRow.query(customer_of(network))))
    ReferenceRow(f"{BY_ID}#{intent.intent_id}").update([ReferenceRow.intent_id.set("another")])


def credentials_lost(_: Network) -> None:
    for row in CredentialsRow.scan():
        row.delete()


STATION_DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (listed_bank_lost, "bank_gone"),
    (returned_bank_lost, "bank_gone"),
    (station_lost, "cabinet_without_station"),
    (station_lost, "binding_without_station"),
    (cabinet_lost, "station_without_cabinet"),
    (cabinet_of_another_imei, "cabinet_of_another_imei"),
    (binding_lost, "binding_gone"),
    (binding_of_another_station, "binding_of_another"),
    (binding_of_an_earlier_modem, "binding_without_station"),
    (reference_by_id_lost, "reference_gone"),
    (reference_of_the_gateway_lost, "reference_gone"),
    (reference_of_another, "reference_of_another"),
    (raised(RentalRow, "held_paisa"), "rental_hold_differs"),
    (raised(RentalRow, "held_points"), "rental_hold_differs"),
    (credentials_lost, "credentials_gone"),
]
