"""Calls over TLS: a process reads the root certificates once, and trusts no other server."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from flask import Flask, Response

from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.gateways.aws_session import MAIL_CLIENT
from chalicelib.gateways.ses import SesMail
from chalicelib.gateways.sparrow import Sparrow
from chalicelib.gateways.stripe_client import StripeLibrary
from chalicelib.gateways.tls import tls_context
from chalicelib.world import OutcomeUnknown
from infra.local.serving import Serving
from tests.gateways.loopback_certificate import write_certificate

ANSWER = '{"response_code": 200, "Success": true, "MessageId": "1", "id": "1", "object": "refund"}'


@pytest.fixture
def trusted_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server whose certificate this process trusts."""
    trusted, tls = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    tls_context.cache_clear()
    app = Flask("company")
    for path in ("/", "/<path:path>"):
        app.add_url_rule(
            path, path, lambda path="": Response(ANSWER, mimetype="application/json"), methods=["GET", "POST"]
        )
    serving = Serving(app, tls=tls).start()
    yield serving.url
    serving.stop()
    tls_context.cache_clear()


def cabinets(url: str) -> Callable[[], object]:
    gateway = AlibabaCabinets(
        url,
        region="cn-shanghai",
        instance_id="",
        product_key="a1",
        key_id="id",
        key_secret="secret",
        now=lambda: datetime.now(UTC),
        nonce=lambda: "nonce",
    )
    return lambda: gateway.eject("864601069946994", "40818052", at=datetime.now(UTC))


def sms(url: str) -> Callable[[], object]:
    gateway = Sparrow(f"{url}/", "token", "Bijuli")
    return lambda: gateway.send("+9779841000001", "text")


def mail(url: str) -> Callable[[], object]:
    session = botocore.session.get_session()
    session.set_credentials("key", "key")
    client = session.create_client("sesv2", region_name="ap-south-1", endpoint_url=url, config=MAIL_CLIENT)
    gateway = SesMail(client, "Bijuli <no-reply@example.com>")
    return lambda: gateway.send("sita@example.com", "subject", "text")


def stripe(url: str) -> Callable[[], object]:
    library = StripeLibrary(url, "key", (2.0, 6.0))
    return lambda: library.call(lambda v1: v1.refunds.retrieve("1"))


COMPANIES = pytest.mark.parametrize("company", [cabinets, sms, mail, stripe])


class RootReads:
    """Counts how often root certificates are read while it is entered."""

    count = 0

    def __enter__(self) -> "RootReads":
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _called(self, frame: Any, event: str, function: Any) -> None:
        names = ("load_verify_locations", "set_default_verify_paths")
        self.count += event == "c_call" and getattr(function, "__name__", "") in names


@COMPANIES
def test_the_root_certificates_are_read_once(
    company: Callable[[str], Callable[[], object]], trusted_server: str
) -> None:
    call = company(trusted_server)
    with RootReads() as first:
        call()
    with RootReads() as later:
        for _ in range(3):
            call()
    assert (first.count > 0, later.count) == (True, 0)


@COMPANIES
def test_an_untrusted_server_receives_nothing(company: Callable[[str], Callable[[], object]], tmp_path: Path) -> None:
    paths: list[str] = []
    app = Flask("impostor")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def record(path: str) -> str:
        paths.append(path)
        return path

    serving = Serving(app, tls=write_certificate(tmp_path)[1]).start()
    with pytest.raises(OutcomeUnknown):
        company(serving.url)()
    serving.stop()
    assert paths == []
