"""Starts the sandbox's AWS: the engine of the tables, the other services, and the tables and queues in them."""

import secrets
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.dynamodb import shared_connection
from infra.local import dynoxide
from infra.local.aws.aws_account import KEY_ID, REGION
from infra.local.aws.engine_transport import send_without_urllib3
from infra.local.aws.iam import LOG_GROUP
from infra.local.aws.moto_server import KEY_PATH, ROWS_PATH
from infra.local.ports import free_port
from infra.local.processes import Failed, Process
from infra.queues import create_queues
from infra.tables import create_tables

PREFIX = "sandbox-"
OWN_ENGINES = MOTO, DYNOXIDE = "moto", "dynoxide"
KEY_BYTES, KEY_SECONDS, ROWS_SECONDS = 32, 30, 60
PATIENT = Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
ROOT = Path(__file__).parents[3]


@dataclass
class Cloud:
    """The running engines. Their clients must stop before `processes` do."""

    tables_url: str
    rest_url: str
    processes: list[Process]
    queue_url_prefix: str = ""
    fresh: bool = True
    """Whether there were no tables before, from an earlier run."""
    started_tables: bool = True
    """Whether the engine of the tables is one of `processes`, and not somebody else's."""

    def environment(self) -> dict[str, str]:
        """Settings of botocore and of the service."""
        return {
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.rest_url,
            "AWS_ENDPOINT_URL_DYNAMODB": self.tables_url,
            "BIJULI_TABLE_PREFIX": PREFIX,
            "BIJULI_QUEUE_URL_PREFIX": self.queue_url_prefix,
            "BIJULI_KMS_KEY_ID": KEY_ID,
            "BIJULI_LOG_GROUP": LOG_GROUP,
        }

    def client(self, service: str) -> Any:
        """A botocore client of the sandbox, independent of the environment's settings."""
        url = self.tables_url if service == "dynamodb" else self.rest_url
        return _session().create_client(service, region_name=REGION, endpoint_url=url, config=PATIENT)

    def shorten_way_to_tables(self) -> None:
        """Have the service's client of the tables send its requests without urllib3."""
        if self.started_tables:
            send_without_urllib3(shared_connection().client)

    def all_rows(self) -> Any:
        """All rows by the tables' names, if moto holds them: scanning its tables one by one takes far longer."""
        response = requests.get(self.rest_url + ROWS_PATH, timeout=ROWS_SECONDS)
        response.raise_for_status()
        return response.json()

    def ended(self) -> str | None:
        """The name of an engine that ended by itself."""
        return next((process.name for process in self.processes if process.ended), None)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()


@cache
def _session() -> botocore.session.Session:
    """One for all clients: each session parses botocore's descriptions of AWS again."""
    session = botocore.session.get_session()
    session.set_credentials("sandbox", "sandbox")
    return session


def start(engine: str, kms_key: str | None = None) -> Cloud:
    """Start `engine`: moto, dynoxide or the URL of another DynamoDB. Raises Failed and leaves nothing running.

    `kms_key` is hex, as `new_key` makes it; values that it encrypted can be decrypted later.
    """
    processes: list[Process] = []
    try:
        rest_url = _moto(processes)
        requests.put(rest_url + KEY_PATH, json=kms_key or new_key(), timeout=KEY_SECONDS).raise_for_status()
        tables_url = _tables(engine, processes, rest_url)
        cloud = Cloud(tables_url, rest_url, processes, started_tables=engine in OWN_ENGINES)
        cloud.queue_url_prefix = create_queues(cloud.client("sqs"))
        cloud.fresh = create_tables(ROW_TYPES, cloud.client("dynamodb"), PREFIX) == len(ROW_TYPES)
    except BaseException as error:
        # Ctrl-C is no Exception, and must stop the engines that were started too.
        for process in reversed(processes):
            process.stop()
        if isinstance(error, (BotoCoreError, ClientError)):
            raise Failed(f"{engine} does not answer as DynamoDB does: {error}") from error
        raise
    return cloud


def new_key() -> str:
    """Material of a new KMS key, as hex."""
    return secrets.token_hex(KEY_BYTES)


def _moto(processes: list[Process]) -> str:
    port = free_port()
    command = [sys.executable, "-m", "infra.local.aws.moto_server", str(port)]
    processes.append(Process("the AWS engine (moto)", command, cwd=ROOT))
    processes[-1].wait_for(port)
    return f"http://127.0.0.1:{port}"


def _tables(engine: str, processes: list[Process], rest_url: str) -> str:
    if engine == MOTO:
        return rest_url
    if engine != DYNOXIDE:
        return engine
    try:
        binary = dynoxide.binary()
    except dynoxide.DownloadFailed as reason:
        raise Failed(str(reason)) from reason
    port = free_port()
    processes.append(Process("dynoxide", [str(binary), "--port", str(port)], cwd=ROOT, quiet=True))
    processes[-1].wait_for(port)
    return f"http://127.0.0.1:{port}"
