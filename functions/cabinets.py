"""What cabinets call over HTTP, by the manufacturer's names and by Volinks'. Apps don't use these routes."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DEVICE_NAME, MAX_FRAME_BYTES
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.models import OpenRequestModel, ResponseModel
from chalicelib.edge.request_parsing import RawRequest
from chalicelib.edge.responses import Response, ok
from chalicelib.services.cabinets import http_calls
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.CABINETS)
CONNECT_PATHS = ("/api/iot/client/con", "/api/rentbox/client/connect")
UPLOAD_PATHS = ("/api/rentbox/upload/data", "/api/rentbox/client/upload")
REFUSALS: tuple[ProblemCode, ...] = ("not_found", "rate_limited")
Imei = Annotated[
    str, Field(pattern=f"^{DEVICE_NAME.pattern}$", description="The cabinet's IMEI", examples=["864601069946994"])
]
Sign = Annotated[str, Field(max_length=64, description="It has no secret in it, and is not checked")]


class ConnectQuery(OpenRequestModel):
    uuid: Imei
    sign: Sign = ""


class CabinetQuery(OpenRequestModel):
    imei: Annotated[Imei, Field(alias="rentboxSN")]
    sign: Sign = ""


class ReturnQuery(CabinetQuery):
    powerbank_sn: Annotated[
        str, Field(alias="singleSN", pattern=r"^[0-9]{1,10}$", description="The power bank", examples=["40818052"])
    ]
    slot_number: Annotated[str, Field(alias="hole", pattern=r"^[0-9]{1,3}$", description="The slot", examples=["3"])]


class CabinetEnvelope(ResponseModel):
    """The fields that a cabinet reads beside `data`."""

    code: int
    type: int
    msg: str
    time: Annotated[int, Field(description="Milliseconds since 1970")]


def _connect(query: ConnectQuery, client_address: str) -> Response:
    """The cabinet's data for its MQTT connection: seven fields, separated by commas. A body is not read."""
    return _answer(http_calls.connection_data(world(), query.uuid, client_address))


def _configure(query: CabinetQuery, client_address: str) -> Response:
    """The cabinet's configuration, as JSON text."""
    return _answer(http_calls.configuration_of(world(), query.imei, client_address))


def _upload(query: CabinetQuery, raw: RawRequest, client_address: str) -> Response:
    """A cabinet uploads the frame 0x10 with the state of its slots."""
    if len(raw.body) > MAX_FRAME_BYTES:
        raise Problem("too_large", limit_bytes=MAX_FRAME_BYTES)
    http_calls.receive_snapshot(world(), query.imei, client_address, raw.body)
    return _answer(None)


@routes.get(
    "/api/rentbox/order/return",
    query=ReturnQuery,
    response=None | str,
    top_level=CabinetEnvelope,
    problems=REFUSALS,
)
def report_return(query: ReturnQuery, client_address: str) -> Response:
    """A cabinet reports that a power bank came into one of its slots."""
    http_calls.receive_return(world(), query.imei, client_address, query.powerbank_sn, int(query.slot_number))
    return _answer(None)


def _answer(data: str | None) -> Response:
    """The envelope that the manufacturer's cabinets read, within that of the service."""
    fields = {"code": 200, "type": 0, "msg": "ok", "time": int(world().now().timestamp() * 1000)}
    return ok(data, top_level=fields)


for _path in CONNECT_PATHS:
    for _register in (routes.get, routes.post):
        _register(
            _path,
            query=ConnectQuery,
            response=str,
            top_level=CabinetEnvelope,
            problems=(*REFUSALS, "cabinet_connected", "cabinet_unavailable"),
        )(_connect)
for _register in (routes.get, routes.post):
    _register(
        "/api/rentbox/config/data", query=CabinetQuery, response=str, top_level=CabinetEnvelope, problems=REFUSALS
    )(_configure)
for _path in UPLOAD_PATHS:
    routes.post(
        _path,
        query=CabinetQuery,
        raw_content="application/octet-stream",
        response=None | str,
        top_level=CabinetEnvelope,
        problems=(*REFUSALS, "malformed_body", "too_large"),
    )(_upload)
