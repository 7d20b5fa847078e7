"""Stations, for operators: /api/admin/stations."""

from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.cabinets import station_admin, station_lists
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.paging import page_fields
from functions.admin.station_forms import (
    AddStation,
    ChangeStation,
    ReplaceStation,
    SetMaintenance,
    StationsAdminQuery,
)
from functions.admin.station_schema import (
    AdminStation,
    AdminStationDetail,
    AdminStationsResponse,
    DeletedStation,
    to_station,
    to_station_detail,
)
from functions.params import StationSn
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_STATIONS)
PATH = "/api/admin/stations"
STATION = f"{PATH}/{{sn}}"


@routes.get(PATH, permission="admin", query=StationsAdminQuery, response=AdminStationsResponse)
def list_stations(query: StationsAdminQuery, cursor: Cursor) -> Response:
    """All stations by serial number. A new or deleted one shows within a minute."""
    page = station_lists.page_of(world(), query.to_filter(), query.to_page(), after=cursor.text("after"))
    return ok(
        AdminStationsResponse(
            results=[to_station(overview) for overview in page.stations],
            **page_fields(query, cursor, page.listed, after=page.following),
        )
    )


@routes.post(
    PATH,
    body=AddStation,
    permission="stations",
    response=AdminStation,
    status=201,
    problems=("station_exists", "upload_unusable", "media_unavailable"),
)
def add_station(request: AddStation, caller: Caller) -> Response:
    """Register a station and its cabinet. Customers see it within a minute."""
    return created(to_station(station_admin.create(world(), caller, request.station(), request.images)))


@routes.get(STATION, permission="admin", response=AdminStationDetail, problems=("not_found",))
def read_station(sn: StationSn) -> Response:
    """One station with its slots and power banks."""
    overview, banks = station_lists.read(world(), sn)
    return ok(to_station_detail(overview, banks))


@routes.put(
    STATION,
    body=ReplaceStation,
    permission="stations",
    response=AdminStation,
    problems=("not_found", "station_exists", "station_busy", "upload_unusable", "media_unavailable"),
)
def replace_station(request: ReplaceStation, caller: Caller, sn: StationSn) -> Response:
    """Replace what operators configured."""
    return ok(to_station(station_admin.change(world(), caller, sn, request.changes(), request.images)))


@routes.patch(
    STATION,
    body=ChangeStation,
    permission="stations",
    response=AdminStation,
    problems=("not_found", "station_exists", "station_busy", "upload_unusable", "media_unavailable"),
)
def change_station(request: ChangeStation, caller: Caller, sn: StationSn) -> Response:
    """Change the named fields."""
    return ok(to_station(station_admin.change(world(), caller, sn, request.changes(), request.images)))


@routes.delete(
    STATION,
    permission="stations",
    response=DeletedStation,
    problems=("not_found", "station_busy", "station_in_use"),
)
def delete_station(caller: Caller, sn: StationSn) -> Response:
    """Delete a station without power banks and open rentals. Its cabinet is refused from then on."""
    station_admin.delete(world(), caller, sn)
    return ok(DeletedStation(serial_number=sn))


@routes.post(
    f"{STATION}/maintenance",
    body=SetMaintenance,
    permission="stations",
    response=AdminStation,
    problems=("not_found",),
)
def set_maintenance(request: SetMaintenance, caller: Caller, sn: StationSn) -> Response:
    """Set a station aside, or open it again. The same call twice changes nothing more."""
    overview = station_admin.set_maintenance(
        world(), caller, sn, maintenance=request.is_maintenance, reason=request.reason or ""
    )
    return ok(to_station(overview))
