"""Settings: the start fails and names missing ones, and a gateway without a key is not offered."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib import config, wiring
from chalicelib.config import FIELDS, Config, InvalidConfig, MissingConfig, env_name
from chalicelib.gateways.aws_session import AwsSession
from infra.grants import GRANTS
from infra.local.aws.iam import SECRETS_PARAMETER, running
from tests.engines.function_rights import ACCESS

WHOLE = {
    env_name(field): "https://something.example" if field.endswith("_url") else "something" for field in FIELDS
} | {
    "BIJULI_IOT_SIGNATURE": "v3",
    "BIJULI_KHALTI_PARTIAL_REFUNDS": "by_hand",
    "BIJULI_MAIL_SENDER": "Bijuli <no-reply@something.example>",
    "BIJULI_STRIPE_CURRENCY": "npr",
    "BIJULI_TOKEN_KEYS": "k1:key",
    "BIJULI_TABLE_PREFIX": "settings-",
}


def read(environ: dict[str, str]) -> Config:
    return config.read(environ, lambda _: "{}")


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in WHOLE.items() if name not in names}


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(MissingConfig, match="BIJULI_KHALTI_SECRET_KEY, BIJULI_PEPPER"):
        read(without("BIJULI_PEPPER", "BIJULI_KHALTI_SECRET_KEY"))


def test_the_settings_of_stripe_are_optional() -> None:
    names = [name for name in WHOLE if "STRIPE" in name]
    assert len(names) == 4
    answer = read(without(*names))
    stripe = answer.gateways["stripe"]
    assert (stripe["secret_key"], stripe["currency"]) == ("", "npr")
    assert stripe["api_url"] == "https://api.stripe.com"


def test_stripes_key_without_its_webhook_secret_fails_the_start() -> None:
    for environ in (without("BIJULI_STRIPE_WEBHOOK_SECRET"), WHOLE | {"BIJULI_STRIPE_WEBHOOK_SECRET": ""}):
        with pytest.raises(MissingConfig, match="BIJULI_STRIPE_WEBHOOK_SECRET"):
            read(environ)


@pytest.mark.parametrize(("key", "offered"), [("a key", ["khalti", "esewa", "stripe"]), ("", ["khalti", "esewa"])])
def test_a_gateway_without_a_key_is_not_offered(key: str, offered: list[str]) -> None:
    answer = read(WHOLE | {"BIJULI_STRIPE_SECRET_KEY": key})
    gateways = wiring.Gateways(answer, AwsSession(None), lambda: datetime.now(UTC)).payments()
    assert list(gateways) == offered
    assert [gateway.name for gateway in gateways.values()] == offered


def test_aws_clients_come_from_one_boto3_session() -> None:
    session = botocore.session.get_session()
    session.set_config_variable("region", "ap-south-1")
    aws = AwsSession(session)
    gateways = wiring.Gateways(read(WHOLE), aws, lambda: datetime.now(UTC))
    assert aws.boto3 is aws.boto3
    assert aws.boto3._session is session
    assert gateways.queues._client.meta.region_name == "ap-south-1"


@pytest.mark.parametrize("function", GRANTS)
def test_each_function_may_read_the_secrets_at_its_start(function: str) -> None:
    environ = WHOLE | {"BIJULI_SECRETS_PARAMETER": f"/{SECRETS_PARAMETER}"}
    with running(function):
        built = wiring.build(environ, lambda: datetime.now(UTC), lambda seconds: None, session_with_secrets())
    assert set(built.gateways) == {"khalti", "esewa", "stripe"}


@cache
def session_with_secrets() -> botocore.session.Session:
    """A session whose SSM has the secrets, for a function that may read them."""
    session = botocore.session.get_session()
    session.set_config_variable("region", "ap-south-1")
    ACCESS.watch(session)
    answer = {"Parameter": {"Value": json.dumps({"pepper": "p" * 32, "token_keys": f"k1:{'k' * 32}"})}}
    session.get_component("event_emitter").register(
        "before-call.ssm.GetParameter", lambda **_: (AWSResponse("ssm", 200, HTTPHeaders(), None), answer)
    )
    return session


def test_importing_the_app_does_not_import_boto3() -> None:
    code = "import sys, app, functions.consumers, functions.schedules; sys.exit('boto3' in sys.modules)"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)  # noqa: S603  our own code


@pytest.mark.parametrize("currency", ["usd", "jpy", "inr", "np"])
def test_a_stripe_currency_other_than_npr_stops_the_start_with_its_reason(currency: str) -> None:
    with pytest.raises(InvalidConfig, match=f"BIJULI_STRIPE_CURRENCY is npr, not {currency} .amounts are paisa"):
        read(WHOLE | {"BIJULI_STRIPE_CURRENCY": currency})


def test_the_currency_npr_may_be_in_capitals() -> None:
    assert read(WHOLE | {"BIJULI_STRIPE_CURRENCY": "NPR"}).gateways["stripe"]["currency"] == "npr"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIJULI_IOT_SIGNATURE", "v4"),
        ("BIJULI_KHALTI_WEBSITE_URL", "bijuli.example"),
        ("BIJULI_API_URL", "ftp://bijuli.example"),
        ("BIJULI_ESEWA_FORM_URL", "https://"),
        ("BIJULI_FCM_URL", "https://[fcm"),
        ("BIJULI_STRIPE_CURRENCY", " npr"),
        ("BIJULI_STRIPE_CURRENCY", "npr,usd"),
        ("BIJULI_KHALTI_PARTIAL_REFUNDS", "yes"),
        ("BIJULI_MAIL_SENDER", "no-reply"),
        ("BIJULI_MAIL_SENDER", "no-reply@localhost"),
        ("BIJULI_MAIL_SENDER", "Bijuli <no-reply@something.example"),
        ("BIJULI_TOKEN_KEYS", "a key without an id"),
        ("BIJULI_TOKEN_KEYS", "k1:key,:another"),
    ],
)
def test_a_setting_that_a_company_would_refuse_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(InvalidConfig, match=name):
        read(WHOLE | {name: value})


@pytest.mark.parametrize("name", ["BIJULI_STRIPE_CURRENCY", "BIJULI_KHALTI_PARTIAL_REFUNDS", "BIJULI_IOT_SIGNATURE"])
def test_an_empty_setting_stops_the_start_although_it_has_a_default(name: str) -> None:
    with pytest.raises(MissingConfig, match=name):
        read(WHOLE | {name: ""})


@pytest.mark.parametrize("sender", ["no-reply@something.example", "बिजुली <no-reply@something.example>"])
def test_a_sender_of_mails_may_have_a_name(sender: str) -> None:
    assert read(WHOLE | {"BIJULI_MAIL_SENDER": sender}).mail_sender == sender


def test_our_address_has_no_slash_at_its_end() -> None:
    assert read(WHOLE | {"BIJULI_API_URL": "https://api.bijuli.example/"}).api_url == "https://api.bijuli.example"


def test_all_invalid_settings_are_named_at_once() -> None:
    with pytest.raises(InvalidConfig, match=r"BIJULI_IOT_SIGNATURE.*BIJULI_STRIPE_CURRENCY"):
        read(WHOLE | {"BIJULI_STRIPE_CURRENCY": "usd", "BIJULI_IOT_SIGNATURE": "none"})
