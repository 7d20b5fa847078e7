"""The environment, read once and complete, or the start fails naming everything that is missing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class MissingConfig(Exception):
    """The environment lacks settings; the message names all of them."""


@dataclass(frozen=True)
class Config:
    """Addresses and keys. Secret values come from one SSM parameter on AWS, from the environment elsewhere."""

    table_prefix: str
    queue_url_prefix: str
    api_url: str
    app_return_urls: tuple[str, ...]
    cors_origins: tuple[str, ...]
    token_keys: Mapping[str, str]
    """Signing keys by kid; the first signs, all verify."""
    pepper: str
    kms_key_id: str
    khalti_api_url: str
    khalti_refund_url: str
    """What comes before `merchant-transaction/`: refunds have no version in their address."""
    khalti_secret_key: str
    khalti_website_url: str
    esewa_form_url: str
    esewa_status_url: str
    esewa_product_code: str
    esewa_secret_key: str
    stripe_api_url: str
    stripe_secret_key: str
    """Empty where Stripe is not offered."""
    stripe_webhook_secret: str
    stripe_currency: str
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
    aliyun_access_key_id: str
    aliyun_access_key_secret: str
    mns_url: str
    mns_queue: str


SECRETS = frozenset(
    {
        "token_keys",
        "pepper",
        "khalti_secret_key",
        "esewa_secret_key",
        "stripe_secret_key",
        "stripe_webhook_secret",
        "sparrow_token",
        "fcm_credentials",
        "cloudinary_api_key",
        "cloudinary_api_secret",
        "aliyun_access_key_id",
        "aliyun_access_key_secret",
    }
)
LISTS = frozenset({"app_return_urls", "cors_origins"})
MAY_BE_EMPTY = frozenset({"iot_instance_id", "cors_origins", "stripe_secret_key", "stripe_webhook_secret"})
DEFAULTS: Mapping[str, str] = {
    "fcm_url": "https://fcm.googleapis.com",
    "stripe_api_url": "https://api.stripe.com",
    "stripe_secret_key": "",
    "stripe_webhook_secret": "",
    "stripe_currency": "npr",
}


def env_name(field: str) -> str:
    """The environment variable of a Config field: `api_url` is `BIJULI_API_URL`."""
    return f"BIJULI_{field.upper()}"


def read(environ: Mapping[str, str], read_secret: Callable[[str], str]) -> Config:
    """The configuration. `BIJULI_SECRETS_PARAMETER`, when set, names the SSM parameter that `read_secret` reads.

    Raises MissingConfig.
    """
    values = dict(DEFAULTS)
    values |= {name: environ[env_name(name)] for name in Config.__dataclass_fields__ if env_name(name) in environ}
    parameter = environ.get("BIJULI_SECRETS_PARAMETER")
    if parameter:
        secrets = json.loads(read_secret(parameter))
        values |= {name: secrets[name] for name in SECRETS if name in secrets}
    if values["stripe_secret_key"] and not values["stripe_webhook_secret"]:
        # Every event would count as forged.
        del values["stripe_webhook_secret"]
    missing = [
        env_name(name)
        for name in Config.__dataclass_fields__
        if name not in values or (not values[name] and name not in MAY_BE_EMPTY)
    ]
    if missing:
        raise MissingConfig("missing settings: " + ", ".join(sorted(missing)))
    lists = {name: tuple(filter(None, values.pop(name).split(","))) for name in LISTS}
    keys = dict(pair.split(":", 1) for pair in values.pop("token_keys").split(","))
    return Config(**values, **lists, token_keys=keys)  # type: ignore[arg-type]
