"""The runtime settings, for super admins: /api/admin/config."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.domain.configuration.setting_bounds import bounds_of
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.text.nested_json import parse_json
from chalicelib.edge.models import FormatQuery, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import AsInteger, as_list
from chalicelib.services.admin import configuration
from chalicelib.services.admin.configuration import MAX_NETWORKS, Changes
from chalicelib.services.caller import Caller
from chalicelib.tables.settings import StoredSettings
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_CONFIG)
PATH = "/api/admin/config"
MAX_CHANGES = 200


def object_of(value: Any) -> Any:
    """The object in a form's text: a form has no objects. Text that holds none stays as it is."""
    try:
        return parse_json(value) if isinstance(value, str) else value
    except ValueError:
        return value


SettingValue = Annotated[int | None, Field(strict=True), AsInteger]
Networks = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=50)]],
    Field(max_length=MAX_NETWORKS, description="Networks in CIDR form, yours among them. Empty allows every address"),
    BeforeValidator(as_list),
]


class ChangeConfig(RequestModel):
    version: Annotated[int, Field(strict=True, ge=0, le=10**9), AsInteger]
    settings: Annotated[
        dict[str, SettingValue],
        Field(max_length=MAX_CHANGES, description="The settings to change, by name. Null sets the default again"),
        BeforeValidator(object_of),
    ] = Field(default_factory=dict)
    admin_networks: Networks | None = None


class SettingResponse(ResponseModel):
    name: str
    value: int
    default: int
    minimum: int
    maximum: int
    reason: Annotated[str, Field(description="What would go wrong outside the bounds")]


class ConfigResponse(ResponseModel):
    settings: list[SettingResponse]
    admin_networks: list[str]
    your_address: str
    version: int


@routes.get(
    PATH, permission="config", query=FormatQuery, response=ConfigResponse, prefetch=configuration.settings_keys
)
def read_config(caller: Caller, client_address: str) -> Response:
    """Every runtime setting with its default and its bounds."""
    return ok(to_config(configuration.current(caller), client_address))


@routes.put(PATH, body=ChangeConfig, permission="config", response=ConfigResponse, problems=("changed_meanwhile",))
def change_config(request: ChangeConfig, caller: Caller, client_address: str) -> Response:
    """Change the named settings. Every process applies them within a minute."""
    changes = Changes(request.settings, request.admin_networks, request.version)
    return ok(to_config(configuration.change(world(), caller, changes, client_address), client_address))


def to_config(stored: StoredSettings, address: str) -> ConfigResponse:
    defaults, settings = Settings().by_name(), Settings().changed(stored.overrides)
    values = settings.by_name()
    return ConfigResponse(
        settings=[
            SettingResponse(
                name=name,
                value=values[name],
                default=defaults[name],
                minimum=bounds.minimum,
                maximum=bounds.maximum,
                reason=bounds.reason,
            )
            for name in sorted(defaults)
            if (bounds := bounds_of(name)) is not None
        ],
        admin_networks=list(settings.admin_networks),
        your_address=address,
        version=stored.version,
    )
