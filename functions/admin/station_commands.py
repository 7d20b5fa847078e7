"""Commands of operators to the cabinet of a station: /api/admin/stations/{sn}/remote-command."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.cabinets.command_texts import COMMAND_TEXTS
from chalicelib.domain.cabinets.remote_command import CommandKind, RemoteCommand
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.cabinets import remote_commands, station_lists
from chalicelib.services.cabinets.remote_commands import CommandAnswer
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.station_schema import AdminSlot, to_slots
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import StationSn
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_STATIONS)
SHOWS_SLOTS = (CommandKind.CHECK, CommandKind.EJECT)


class SendCommand(RequestModel):
    command: Annotated[
        Literal["check", "eject", "reboot", "volume", "mode", "wifi_scan", "wifi_connect"], CaseInsensitive
    ]
    powerbank_sn: Annotated[
        str | None, Field(pattern="^[0-9]{1,10}$", description="For an eject", examples=["40818052"])
    ] = None
    slot_number: Annotated[int | None, Field(strict=True, ge=1, le=255, description="For an eject"), AsInteger] = None
    volume: Annotated[int | None, Field(strict=True, ge=0, le=100, description="In percent"), AsInteger] = None
    mode: Annotated[
        Literal["wifi", "4g"] | None, CaseInsensitive, Field(description="The network that it prefers")
    ] = None
    ssid: Annotated[str | None, Field(min_length=1, max_length=32, description="For `wifi_connect`")] = None
    password: Annotated[
        str | None, Field(max_length=63, description="For `wifi_connect`; an open network has none")
    ] = None

    def to_command(self) -> RemoteCommand:
        """Raises Problem("invalid_input") for a command without the field that it needs."""
        needed = {"volume": self.volume, "mode": self.mode, "wifi_connect": self.ssid}
        field = {"wifi_connect": "ssid"}.get(self.command, self.command)
        if self.command in needed and needed[self.command] is None:
            raise Problem("invalid_input", errors={field: [validation_message("required")]})
        if self.command == "eject" and (self.powerbank_sn is None) == (self.slot_number is None):
            raise Problem("invalid_input", errors={"powerbank_sn": [validation_message("required")]})
        return RemoteCommand(
            CommandKind(self.command),
            self.powerbank_sn,
            self.slot_number,
            self.volume or 0,
            self.mode or "",
            self.ssid or "",
            self.password or "",
        )


class CommandResponse(ResponseModel):
    station_id: str
    station_imei: str
    action_type: Annotated[str, one_of_upper_case(CommandKind)]
    is_successful: bool
    message: str
    iot_history_id: Annotated[str, Field(description="The id of the command in the station's event log")]
    slots: list[AdminSlot] | None
    networks: Annotated[list[str] | None, Field(description="Names of WiFi networks, for `wifi_scan`")]


@routes.post(
    "/api/admin/stations/{sn}/remote-command",
    body=SendCommand,
    permission="stations",
    response=CommandResponse,
    problems=(
        "not_found",
        "command_not_sent",
        "command_no_answer",
        "command_refused",
        "station_offline",
        "station_busy",
        "powerbank_elsewhere",
        "powerbank_in_rental",
        "powerbank_in_doubt",
    ),
)
def send_command(request: SendCommand, caller: Caller, sn: StationSn, language: str) -> Response:
    """Send a command to the cabinet, and return its own answer. After 15 seconds of silence it is a 504."""
    return ok(to_command_response(remote_commands.run(world(), caller, sn, request.to_command()), language))


def to_command_response(answer: CommandAnswer, language: str) -> CommandResponse:
    kind, station = answer.order.command.kind, answer.order.station
    slots = to_slots(*station_lists.read(world(), station.sn)) if kind in SHOWS_SLOTS else None
    return CommandResponse(
        station_id=station.sn,
        station_imei=station.imei,
        action_type=in_upper_case(kind),
        is_successful=True,
        message=COMMAND_TEXTS[kind].render(language),
        iot_history_id=answer.order.history_id,
        slots=slots,
        networks=list(answer.networks) if kind is CommandKind.WIFI_SCAN else None,
    )
