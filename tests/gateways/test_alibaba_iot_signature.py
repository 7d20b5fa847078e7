"""The form and signature of a request to Alibaba's IoT platform, compared with a captured one."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from flask import Flask, request

from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.gateways.alibaba_iot_signature import signature_v2, signature_v3
from infra.local.serving import Serving


def signed_by_hand(query: str, secret: str) -> str:
    """The platform's signature, computed from its documentation and not by our code."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical = urlencode(pairs, quote_via=quote, safe="~")
    text = "POST&" + quote("/", safe="") + "&" + quote(canonical, safe="~")
    return base64.b64encode(hmac.digest((secret + "&").encode(), text.encode(), hashlib.sha1)).decode()


CAPTURED = (
    "ProductKey=a1product&TopicFullName=%2Fa1product%2F864601069946994%2Fuser%2Fget&Qos=0&IotInstanceId=iot-instance"
    "&Version=2018-01-20&Action=Pub&Format=JSON&RegionId=cn-shanghai&Timestamp=2026-11-23T16%3A07%3A32Z"
    "&SignatureMethod=HMAC-SHA1&SignatureType=&SignatureVersion=1.0"
    "&SignatureNonce=0123456789abcdef0123456789abcdef&AccessKeyId=AK&MessageContent=eyJjbWQiOiJjaGVjayJ9"
)


PINNED = "qL3/DjLIqMSk0/Fg7yQoE8GgXzg="


def test_the_signature_equals_the_documented_one() -> None:
    parameters = dict(parse_qsl(CAPTURED, keep_blank_values=True))
    assert signature_v2(parameters, "SK") == signed_by_hand(CAPTURED, "SK") == PINNED


@pytest.mark.parametrize("odd", ["a b", "a+b", "a*b", "a~b", "a/b=c&d", "नमस्ते", ""])
def test_special_url_characters_are_signed_as_documented(odd: str) -> None:
    parameters = {"Action": "Pub", "Odd": odd}
    assert signature_v2(parameters, "SK") == signed_by_hand(urlencode(parameters), "SK")


def test_version_3_signs_the_platforms_documented_example() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    documented = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert signature_v3("POST", query, headers, "YourAccessKeySecret") == documented


@dataclass(frozen=True)
class SentRequest:
    """A request as the platform received it."""

    headers: dict[str, str]
    query: str
    body: bytes


def request_of_a_check(**options: Any) -> SentRequest:
    """The request that the adapter sends to check a cabinet."""
    received: list[SentRequest] = []
    app = Flask("platform")

    @app.post("/")
    def receive() -> dict[str, bool]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received.append(SentRequest(headers, request.query_string.decode(), request.get_data()))
        return {"Success": True}

    serving = Serving(app).start()
    AlibabaCabinets(
        serving.url,
        region="cn-shanghai",
        instance_id="iot-instance",
        product_key="a1product",
        key_id="AK",
        key_secret="SK",
        now=lambda: datetime(2026, 11, 23, 16, 7, 32, tzinfo=UTC),
        nonce=lambda: "0" * 32,
        **options,
    ).check("864601069946994")
    serving.stop()
    (sent,) = received
    return sent


def test_a_version_3_request_names_the_call_in_headers() -> None:
    sent = request_of_a_check()
    headers, query = sent.headers, dict(parse_qsl(sent.query, keep_blank_values=True))
    assert (headers["x-acs-action"], headers["x-acs-version"]) == ("Pub", "2018-01-20")
    assert headers["x-acs-date"] == "2026-11-23T16:07:32Z"
    assert headers["authorization"].startswith(
        "ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=content-type;host;x-acs-"
    )
    assert query == {
        "ProductKey": "a1product",
        "TopicFullName": "/a1product/864601069946994/user/get",
        "Qos": "0",
        "IotInstanceId": "iot-instance",
    }


def test_the_request_has_the_captured_form() -> None:
    sent = request_of_a_check(signature_version="v2")
    query, body = sent.query, sent.body
    payload = dict(parse_qsl(query, keep_blank_values=True))
    assert set(payload) == set(dict(parse_qsl(CAPTURED, keep_blank_values=True))) - {"MessageContent"} | {"Signature"}
    assert (payload["Timestamp"], payload["SignatureType"], payload["Version"]) == (
        "2026-11-23T16:07:32Z",
        "",
        "2018-01-20",
    )
    content = dict(parse_qsl(body.decode()))["MessageContent"]
    assert json.loads(base64.b64decode(content)) == {"cmd": "check_all"}
