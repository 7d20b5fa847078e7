"""Routes of the control API that list cabinets, set their behaviour and return power banks to them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from chalicelib.tables.stations import StationRow
from infra.local.cabinets import behaviour as cabinet_behaviour
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.companies import company_faults
from infra.local.control import many_rows, planted_violations, strangers
from infra.local.control.request_shapes import TEXT, RequestShape, number, one_of, shaped
from infra.local.control.requests import carry_out, read_fields, read_number

SLOT = number(255, 1)
RETURN_FIELDS = {"powerbank_sn": TEXT, "slot": SLOT, "via": one_of("mqtt", "http", "power_off")}
BEHAVIOUR_FIELDS = {
    name: {"description": f"{kind.values}. {kind.meaning}"} for name, kind in cabinet_behaviour.BEHAVIOURS.items()
}
SNAPSHOT_FIELDS = {"via": one_of("mqtt", "http")}


def behaviours_blueprint() -> Blueprint:
    """The route /behaviours."""
    blueprint = Blueprint("behaviours", __name__)

    @blueprint.get("/behaviours")
    def behaviours() -> Response:
        """Everything that cabinets and companies can be made to do, and by which request."""
        listings = (cabinet_behaviour, company_faults, strangers, planted_violations, many_rows)
        return jsonify([item for module in listings for item in module.listing()])

    return blueprint


StationPlaces = Callable[[], Mapping[str, Mapping[str, Any]]]
"""Reads what our tables say of each station, by serial number."""


def stations_by_sn() -> Mapping[str, Mapping[str, Any]]:
    """The name and the place of each station, and whether it is in maintenance."""
    return {
        row.sn: {
            "station_name": row.name,
            "latitude": float(row.latitude),
            "longitude": float(row.longitude),
            "maintenance": row.maintenance,
        }
        for row in StationRow.scan(consistent_read=True)
    }


def cabinets_blueprint(cabinets: SimulatedCabinets, places: StationPlaces) -> Blueprint:
    """The routes under /cabinets."""
    blueprint = Blueprint("cabinets", __name__, url_prefix="/cabinets")

    @blueprint.get("")
    def listing() -> Response:
        """The cabinets with their slots and behaviours, and the name and place of each station."""
        known = places()
        return jsonify([{**cabinet, **known.get(cabinet["sn"], {})} for cabinet in cabinets.listing()])

    @blueprint.get("/banks-out")
    def banks_out() -> Response:
        """The serial numbers of the power banks that are in no cabinet."""
        return jsonify(cabinets.out())

    @blueprint.get("/<imei>")
    def detail(imei: str) -> Response:
        """One cabinet, with the commands that it received and the frames that it sent, decoded."""
        return jsonify(carry_out(lambda: cabinets.detail(imei)))

    _add_orders(blueprint, cabinets)
    return blueprint


def _add_orders(blueprint: Blueprint, cabinets: SimulatedCabinets) -> None:
    @blueprint.post("/<imei>/return")
    @shaped(RequestShape(body=RETURN_FIELDS, required=["powerbank_sn"]))
    def return_powerbank(imei: str) -> Response:
        """A person returns a power bank: {powerbank_sn, slot, via}; via is mqtt, http or power_off."""
        content = read_fields(*RETURN_FIELDS)
        bank, slot = str(content.get("powerbank_sn", "")), content.get("slot")
        if slot is not None:
            slot = int(read_number(content, "slot", SLOT))
        via = str(content.get("via", "mqtt"))
        number = carry_out(lambda: cabinets.return_powerbank(imei, bank, slot, via))
        return jsonify({"imei": imei, "powerbank_sn": bank, "slot": number, "via": via})

    @blueprint.post("/<imei>/behaviour")
    @shaped(RequestShape(body=BEHAVIOUR_FIELDS))
    def behave(imei: str) -> Response:
        """Change how a cabinet behaves, as GET /behaviours lists: {eject, online, late_seconds, ...}."""
        content = read_fields(*BEHAVIOUR_FIELDS)
        carry_out(lambda: cabinets.behave(imei, content))
        return jsonify(cabinets.detail(imei)["behaviour"])

    @blueprint.delete("/behaviours")
    def behave_well() -> Response:
        """All cabinets behave well again. Names those that did not."""
        return jsonify(cabinets.behave_well())

    @blueprint.post("/<imei>/snapshot")
    @shaped(RequestShape(body=SNAPSHOT_FIELDS))
    def snapshot(imei: str) -> Response:
        """A cabinet reports all its slots now: {via}."""
        via = str(read_fields(*SNAPSHOT_FIELDS).get("via", "mqtt"))
        carry_out(lambda: cabinets.snapshot(imei, via))
        return jsonify({"imei": imei, "via": via})
