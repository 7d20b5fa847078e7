"""Requests to an engine over connections that stay open: what is lost, late or half there has botocore's own name."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from infra.local.aws.aws_account import REGION
from infra.local.aws.engine_transport import send_without_urllib3
from infra.local.ports import free_port

TABLES = b'{"TableNames":["a"]}'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(TABLES), TABLES)
LAST = WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
HALF = WHOLE[:-1]
SILENT = b""


@dataclass
class Engine:
    """Gives these answers on each connection, and then closes it."""

    server: socket.socket
    connections: tuple[list[bytes], ...]
    ended: threading.Event = field(default_factory=threading.Event)
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def serve(self) -> None:
        for answers in self.connections:
            connection, _ = self.server.accept()
            threading.Thread(target=self._answer, args=(connection, answers), daemon=True).start()

    def _answer(self, connection: socket.socket, answers: list[bytes]) -> None:
        with connection:
            for answer in answers:
                connection.recv(65_536)
                connection.sendall(answer)
                if answer == SILENT:
                    self.ended.wait()
        self.closed.release()


@contextmanager
def engine(*connections: list[bytes]) -> Iterator[Engine]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = Engine(server, connections)
        threading.Thread(target=running.serve, daemon=True).start()
        yield running
        running.ended.set()
        for _ in connections:
            running.closed.acquire()


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.set_credentials("sandbox", "sandbox")
    return session


@contextmanager
def client_of(url: str, attempts: int = 1, read_seconds: float = 60.0) -> Iterator[Any]:
    config = Config(read_timeout=read_seconds, retries={"total_max_attempts": attempts, "mode": "standard"})
    client = _session().create_client("dynamodb", region_name=REGION, endpoint_url=url, config=config)
    send_without_urllib3(client)
    yield client
    client.close()


def tables_of(client: Any) -> list[str]:
    names: list[str] = client.list_tables()["TableNames"]
    return names


def test_requests_share_a_connection_until_the_engine_closes_it() -> None:
    with engine([WHOLE, WHOLE, LAST], [WHOLE, WHOLE]) as running, client_of(running.url) as client:
        assert [tables_of(client) for _ in range(5)] == [["a"]] * 5


def test_a_connection_that_was_closed_while_it_was_idle_is_not_used_again() -> None:
    with engine([WHOLE], [WHOLE]) as running, client_of(running.url) as client:
        assert tables_of(client) == ["a"]
        running.closed.acquire()
        assert tables_of(client) == ["a"]
        running.closed.release()


def test_half_an_answer_is_an_error_and_is_asked_for_again() -> None:
    with engine([HALF]) as running, client_of(running.url) as client, pytest.raises(ConnectionClosedError):
        tables_of(client)
    with engine([HALF], [WHOLE]) as running, client_of(running.url, attempts=2) as client:
        assert tables_of(client) == ["a"]


def test_an_answer_that_does_not_come_in_time_is_an_error() -> None:
    with (
        engine([SILENT]) as running,
        client_of(running.url, read_seconds=0.1) as client,
        pytest.raises(ReadTimeoutError),
    ):
        tables_of(client)


def test_an_engine_that_is_not_there_is_an_error() -> None:
    with client_of(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(EndpointConnectionError):
        tables_of(client)
