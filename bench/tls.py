"""Measures a call over TLS with the process's TLS context, and with a new context for each call."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import certifi
from flask import Flask, Response

from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.gateways.tls import tls_context
from infra.local.serving import Serving
from tests.gateways.loopback_certificate import write_certificate

ANSWER = '{"Success": true, "MessageId": "1"}'


@dataclass(frozen=True)
class TlsCost:
    """Median CPU milliseconds of our process for one eject over TLS."""

    kept_context_ms: float
    new_context_ms: float


def measure(rounds: int) -> TlsCost:
    """Ejects at a simulated platform that speaks TLS. The trusted roots are those of certifi and the platform's."""
    with TemporaryDirectory() as folder:
        trusted, server_context = write_certificate(Path(folder))
        roots = Path(folder) / "roots.pem"
        roots.write_bytes(Path(certifi.where()).read_bytes() + trusted.read_bytes())
        serving = Serving(_platform(), tls=server_context).start()
        os.environ["SSL_CERT_FILE"] = str(roots)
        try:
            eject = _eject(serving.url)
            return TlsCost(_cpu_ms(eject, rounds), _cpu_ms(lambda: _with_new_context(eject), rounds))
        finally:
            del os.environ["SSL_CERT_FILE"]
            tls_context.cache_clear()
            serving.stop()


def _platform() -> Flask:
    app = Flask("platform")
    app.add_url_rule("/", "answer", lambda: Response(ANSWER, mimetype="application/json"), methods=["GET", "POST"])
    return app


def _eject(url: str) -> Callable[[], object]:
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


def _with_new_context(call: Callable[[], object]) -> None:
    tls_context.cache_clear()
    call()


def _cpu_ms(call: Callable[[], object], rounds: int) -> float:
    call()
    times = []
    for _ in range(rounds):
        # The simulated platform runs in threads of this process, and counts in both figures.
        began = time.process_time()
        call()
        times.append((time.process_time() - began) * 1000)
    return median(times)
