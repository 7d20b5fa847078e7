"""Devices that receive push notifications: /api/auth/device."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from chalicelib.domain.sessions.device import Device
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, one_of
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.route_decorators import Declared
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.devices import DeviceInfo
from chalicelib.wiring import world
from chalicelib.world import World
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.DEVICES)
Printable = r"^[\x21-\x7e]+$"
DeviceType = Literal["android", "ios", "web"]
DEVICE_TYPES = get_args(DeviceType)
Short = Annotated[str, Field(min_length=1, max_length=64)]


class RegisterDevice(RequestModel):
    device_id: Annotated[str, Field(pattern=Printable, max_length=128, examples=["a3f1c2d4e5b60718"])]
    fcm_token: Annotated[str, Field(pattern=Printable, max_length=4096, examples=["fGh2...:APA91b..."])]
    device_type: DeviceType
    device_name: Annotated[str, Field(min_length=1, max_length=120, examples=["Galaxy A15"])] | None = None
    app_version: Annotated[Short, Field(examples=["1.4.0"])] | None = None
    os_version: Annotated[Short, Field(examples=["14"])] | None = None

    def to_device_info(self) -> DeviceInfo:
        return DeviceInfo(**self.model_dump())

    def prefetch_keys(self, world: World, user_id: str) -> tuple[Any, ...]:
        return devices.prefetch_keys(world, user_id, self.to_device_info())


class DeviceResponse(ResponseModel):
    device_id: str
    fcm_token: str | None
    device_type: Annotated[str, one_of(DEVICE_TYPES)]
    device_name: str | None
    app_version: str | None
    os_version: str | None
    last_used: Time


PATH = "/api/auth/device"
DEVICE: Declared = {"response": DeviceResponse, "prefetch": RegisterDevice.prefetch_keys}
UPDATE_SUMMARY = "Update a device: its push token, its versions."


@routes.put(PATH, body=RegisterDevice, summary=UPDATE_SUMMARY, **DEVICE)
@routes.post(PATH, body=RegisterDevice, **DEVICE)
def register_device(request: RegisterDevice, caller: Caller) -> Response:
    """Register a device for push notifications."""
    return ok(to_device_response(devices.register(world(), caller, request.to_device_info())))


def to_device_response(device: Device) -> DeviceResponse:
    return DeviceResponse(
        device_id=device.device_id,
        fcm_token=device.fcm_token,
        device_type=device.device_type,
        device_name=device.device_name,
        app_version=device.app_version,
        os_version=device.os_version,
        last_used=time_text(device.last_used_at),
    )
