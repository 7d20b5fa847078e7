"""The configuration from the environment. A start without a needed value fails and names all that are missing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.domain.auth.email import parse_email_address
from chalicelib.domain.configuration.gateway_registry import GATEWAYS, GatewaySetting
from chalicelib.domain.problems.problems import DEFAULT_PROBLEMS_URL


class MissingConfig(Exception):
    """The environment lacks settings; the message names all of them."""


class InvalidConfig(Exception):
    """The environment has settings that the service can't work with; the message names all of them, with reasons."""


@dataclass(frozen=True)
class Config:
    """URLs and keys. Secrets come from one SSM parameter on AWS, and from the environment elsewhere."""

    table_prefix: str
    queue_url_prefix: str
    log_group: str
    """The CloudWatch log group of all functions."""
    api_url: str
    app_return_urls: tuple[str, ...]
    cors_origins: tuple[str, ...]
    problems_url: str
    """The page of all problems, to which the `type` of an error points."""
    token_keys: Mapping[str, str]
    """Signing keys by kid. The first signs; all verify."""
    pepper: str
    kms_key_id: str
    sparrow_url: str
    sparrow_token: str
    sparrow_sender: str
    mail_sender: str
    """`no-reply@example.com` or `Name <no-reply@example.com>`: an identity verified in SES, or under one."""
    fcm_url: str
    fcm_credentials: str
    """A service account of Firebase's, as the JSON of its key file."""
    cloudinary_api_url: str
    cloudinary_delivery_url: str
    """Where the cloud's public files are: `https://res.cloudinary.com/{cloud}`."""
    cloudinary_cloud: str
    cloudinary_api_key: str
    cloudinary_api_secret: str
    iot_url: str
    iot_region: str
    iot_instance_id: str
    iot_product_key: str
    iot_signature: str
    """The version of the signatures: `v3`, or `v2` for an account that still needs it."""
    aliyun_access_key_id: str
    aliyun_access_key_secret: str
    mns_url: str
    mns_queue: str
    gateways: Mapping[str, Mapping[str, str]]
    """Settings of each payment gateway, by the names of its row in `domain/configuration/gateway_registry`."""

    @property
    def offered_gateways(self) -> tuple[str, ...]:
        """The payment gateways at which we have an account."""
        return tuple(
            spec.name for spec in GATEWAYS.values() if spec.switch is None or self.gateways[spec.name][spec.switch]
        )


GATEWAY_SETTINGS = {spec.field(setting): setting for spec in GATEWAYS.values() for setting in spec.settings}
FIELDS = (*(name for name in Config.__dataclass_fields__ if name != "gateways"), *GATEWAY_SETTINGS)
"""Every setting, those of the payment gateways included."""

SECRETS = frozenset(
    {
        "token_keys",
        "pepper",
        *(name for name, setting in GATEWAY_SETTINGS.items() if setting.secret),
        "sparrow_token",
        "fcm_credentials",
        "cloudinary_api_key",
        "cloudinary_api_secret",
        "aliyun_access_key_id",
        "aliyun_access_key_secret",
    }
)
LISTS = frozenset({"app_return_urls", "cors_origins"})
MAY_BE_EMPTY = frozenset({"iot_instance_id", "cors_origins"})
ALLOWED: Mapping[str, tuple[str, ...]] = {"iot_signature": ("v2", "v3")}
"""The only values of a setting, in lower case."""
DEFAULTS: Mapping[str, str] = {
    "fcm_url": "https://fcm.googleapis.com",
    "iot_signature": "v3",
    "problems_url": DEFAULT_PROBLEMS_URL,
    **{name: setting.default for name, setting in GATEWAY_SETTINGS.items() if setting.default is not None},
}


def env_name(field: str) -> str:
    """The environment variable of a Config field: `api_url` is `BIJULI_API_URL`."""
    return f"BIJULI_{field.upper()}"


def read(environ: Mapping[str, str], read_secret: Callable[[str], str]) -> Config:
    """The configuration. `BIJULI_SECRETS_PARAMETER`, when set, names the SSM parameter that `read_secret` reads.

    Raises MissingConfig or InvalidConfig.
    """
    values = dict(DEFAULTS)
    values |= {name: environ[env_name(name)] for name in FIELDS if env_name(name) in environ}
    parameter = environ.get("BIJULI_SECRETS_PARAMETER")
    if parameter:
        secrets = json.loads(read_secret(parameter))
        values |= {name: secrets[name] for name in SECRETS if name in secrets}
    may_be_empty = MAY_BE_EMPTY | _settings_of_absent_gateways(values)
    missing = [
        env_name(name) for name in FIELDS if name not in values or (not values[name] and name not in may_be_empty)
    ]
    if missing:
        raise MissingConfig("missing settings: " + ", ".join(sorted(missing)))
    invalid = sorted(filter(None, (_refusal(name, value) for name, value in values.items())))
    if invalid:
        raise InvalidConfig("invalid settings: " + "; ".join(invalid))
    values["api_url"] = values["api_url"].rstrip("/")
    lists = {name: tuple(filter(None, values.pop(name).split(","))) for name in LISTS}
    keys = dict(pair.split(":", 1) for pair in values.pop("token_keys").split(","))
    gateways = {
        spec.name: {setting.name: _plain(setting, values.pop(spec.field(setting))) for setting in spec.settings}
        for spec in GATEWAYS.values()
    }
    return Config(**values, **lists, token_keys=keys, gateways=gateways)  # type: ignore[arg-type]


def _refusal(name: str, value: str) -> str:
    """Why the service, or the company at the other end, can't work with the value. Empty when it can."""
    setting = GATEWAY_SETTINGS.get(name)
    allowed = setting.allowed if setting else ALLOWED.get(name, ())
    if value and allowed and value.lower() not in allowed:
        reason = f" ({setting.reason})" if setting and setting.reason else ""
        return f"{env_name(name)} is {' or '.join(allowed)}, not {value}{reason}"
    if value and name.endswith("_url") and not _is_url(value):
        return f"{env_name(name)} is no http or https address"
    if name == "mail_sender" and not _is_sender(value):
        return f"{env_name(name)} is no address, and no name with an address in angle brackets"
    if name == "token_keys" and not all(all(pair.partition(":")) for pair in value.split(",")):
        return f"{env_name(name)} is no list of an id, a colon and a key"
    return ""


def _plain(setting: GatewaySetting, value: str) -> str:
    """The value as the gateway's file reads it: one of few allowed words is in lower case."""
    return value.lower() if setting.allowed else value


def _is_sender(value: str) -> bool:
    address = value[value.rfind("<") + 1 : -1] if value.endswith(">") else value
    return parse_email_address(address) is not None


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _settings_of_absent_gateways(values: Mapping[str, str]) -> set[str]:
    """Settings of the payment gateways whose switch is empty. A gateway that is offered needs all of its settings."""
    absent = [spec for spec in GATEWAYS.values() if spec.switch and not values.get(f"{spec.name}_{spec.switch}")]
    return {spec.field(setting) for spec in absent for setting in spec.settings}
