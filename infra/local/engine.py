"""The sandbox's AWS: moto's DynamoDB, SQS, KMS and SSM as a process of its own, on one loopback port."""

import argparse
import secrets
import sys
import threading
from pathlib import Path
from typing import Any

from moto.backends import SERVICE_NAMES
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from infra.local.isolation import OneAtATime, isolate
from infra.local.serving import Serving

REGION = "ap-south-1"
SERVICES = frozenset({"dynamodb", "sqs", "kms", "ssm"})
KEY_ID = "6b1f0f5e-0000-4000-8000-62696a756c69"
KEY_BYTES = 32


def main() -> None:
    """Serves until it is told to stop or its starter goes away."""
    parser = argparse.ArgumentParser(prog="infra.local.engine", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--key-file", type=Path, help="keeps the KMS key between runs")
    options = parser.parse_args()
    serving = Serving(engine(), options.port).start()
    add_key(_material(options.key_file))
    print(f"engine {serving.url}", flush=True)
    # the starter holds the other end: when it closes, nobody is left to serve, and there is nothing to save
    sys.stdin.buffer.read()


def engine() -> OneAtATime:
    """The WSGI app. moto is changed in this process for good."""
    turn = threading.Condition()
    isolate(turn)
    return OneAtATime(DomainDispatcherApplication(_service), turn)


def add_key(material: bytes) -> None:
    """The one KMS key there is, under a fixed id: what was sealed in one run opens in the next."""
    backend = kms_backends[DEFAULT_ACCOUNT_ID][REGION]
    key: Any = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "the sandbox's", None)
    del backend.keys[key.id]
    key.arn = key.arn.replace(key.id, KEY_ID)
    key.id, key.key_material = KEY_ID, material
    backend.keys[KEY_ID] = key


def _service(name: SERVICE_NAMES) -> Any:
    return create_backend_app(name) if name in SERVICES else _not_simulated


def _not_simulated(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ARG001  a WSGI app
    start_response("501 Not Implemented", [("Content-Type", "application/json")])
    return [b'{"__type":"NotImplemented","message":"the sandbox does not play this service"}']


def _material(path: Path | None) -> bytes:
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    if not path.exists():
        path.write_bytes(secrets.token_bytes(KEY_BYTES))
        path.chmod(0o600)
    return path.read_bytes()


if __name__ == "__main__":
    main()
