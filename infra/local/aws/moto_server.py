"""The sandbox's AWS: moto's DynamoDB, SQS, KMS, SSM and CloudWatch Logs in a process, on one loopback port."""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.backends import SERVICE_NAMES
from moto.kms.models import kms_backends
from moto.logs.models import LogsBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs.models import sqs_backends

from infra.local.aws.aws_account import ACCOUNT, KEY_ID, REGION
from infra.local.aws.moto_isolation import OneAtATime, base64_text, isolate
from infra.local.aws.queue_counts import QUEUE_COUNTS_PATH
from infra.local.garbage_collection import spare_imported_modules
from infra.local.serving import Serving
from infra.local.snapshots.moto_content import all_messages, all_rows, replace_messages

TARGET_PREFIXES: dict[str, SERVICE_NAMES] = {
    "DynamoDB_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "TrentService": "kms",
    "AmazonSSM": "ssm",
    "Logs_20140328": "logs",
}
SERVICES = frozenset(TARGET_PREFIXES.values())
MESSAGES_PATH, ROWS_PATH, KEY_PATH = "/queue-messages", "/rows", "/kms-key"


def main() -> None:
    """Serves requests until the process is stopped or its parent process ends."""
    parser = argparse.ArgumentParser(prog="infra.local.aws.moto_server", description=__doc__)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    accept_log_lines_of_any_time()
    serving = Serving(engine(), options.port).start()
    spare_imported_modules()
    print(f"engine {serving.url}", flush=True)
    # the parent holds the other end: when it closes, there is no client left and nothing to save
    sys.stdin.buffer.read()


def engine() -> OneAtATime:
    """The WSGI app. It changes moto in this process permanently."""
    turn = threading.Condition()
    isolate(turn)
    return OneAtATime(Dispatcher(), turn)


class Dispatcher:
    """Hands a request to the simulated service that its target header names.

    moto finds a service by the address that a request would have at AWS, and lists its own folders for each request.
    """

    def __init__(self) -> None:
        self._apps: dict[str, Any] = {}
        self._by_address = DomainDispatcherApplication(_service)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        own = OWN_PATHS.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if own is not None:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(own(environ["wsgi.input"]), default=base64_text).encode()]
        return self._app(environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0])(environ, start_response)

    def _app(self, prefix: str) -> Any:
        """Made at the first request: some services take seconds to import."""
        if prefix in TARGET_PREFIXES and prefix not in self._apps:
            self._apps[prefix] = create_backend_app(TARGET_PREFIXES[prefix])
        return self._apps.get(prefix, self._by_address)


def _queue_counts() -> dict[str, Any]:
    """How many messages lie in each queue, visible and not, and the age of the oldest in seconds, in one request."""
    queues = sqs_backends[ACCOUNT][REGION].queues.values()
    return {queue.name: _counts(queue) for queue in queues}


def _counts(queue: Any) -> tuple[int, int, float | None]:
    hidden = queue.approximate_number_of_messages_not_visible
    return queue.approximate_number_of_messages, hidden, _oldest(queue)


def _oldest(queue: Any) -> float | None:
    sent = [int(message.sent_timestamp) for message in queue.messages]
    return round(time.time() - min(sent) / 1000, 1) if sent else None


def accept_log_lines_of_any_time() -> None:
    """CloudWatch refuses lines from the future, and the sandbox's clock runs ahead of this process."""

    def put_log_events(
        backend: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> tuple[str, dict[str, Any]]:
        return backend.groups[log_group_name].put_log_events(log_stream_name, log_events), {}

    backend_class: Any = LogsBackend
    backend_class.put_log_events = put_log_events


def add_key(material: bytes) -> None:
    """The only KMS key, with a fixed id, so that the next run can decrypt values of this run."""
    backend = kms_backends[ACCOUNT][REGION]
    key: Any = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "the sandbox's", None)
    del backend.keys[key.id]
    key.arn = key.arn.replace(key.id, KEY_ID)
    key.id, key.key_material = KEY_ID, material
    backend.keys[KEY_ID] = key


OWN_PATHS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("GET", QUEUE_COUNTS_PATH): lambda _: _queue_counts(),
    ("GET", MESSAGES_PATH): lambda _: all_messages(),
    ("GET", ROWS_PATH): lambda _: all_rows(),
    ("PUT", MESSAGES_PATH): lambda body: replace_messages(json.load(body)),
    ("PUT", KEY_PATH): lambda body: add_key(bytes.fromhex(json.load(body))),
}
"""Requests of the sandbox that are no AWS calls: each function gets the body and returns the JSON response."""


def _service(name: SERVICE_NAMES) -> Any:
    return create_backend_app(name) if name in SERVICES else _not_simulated


def _not_simulated(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ARG001  a WSGI app
    start_response("501 Not Implemented", [("Content-Type", "application/json")])
    return [b'{"__type":"NotImplemented","message":"the sandbox does not play this service"}']


if __name__ == "__main__":
    main()
