"""The HTTP server of the sandbox: keep-alive, complete bodies, closed connections after a stop."""

import socket
from collections.abc import Iterator

import pytest
import requests
from flask import Flask, Response, request

from infra.local.companies.dead_connections import DeadConnections
from infra.local.serving import Serving


@pytest.fixture
def serving() -> Iterator[Serving]:
    app = Flask("echo")

    @app.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def echo(path: str) -> dict[str, object]:
        raw = request.environ["RAW_URI"]
        return {
            "path": path,
            "raw": raw,
            "body": request.get_data(as_text=True),
            "port": request.environ["REMOTE_PORT"],
        }

    @app.delete("/nothing")
    def nothing() -> Response:
        return Response(status=204)

    serving = Serving(app).start()
    yield serving
    serving.stop()


def test_one_connection_carries_many_calls_with_read_and_unread_bodies(serving: Serving) -> None:
    with requests.Session() as session:
        first = session.get(f"{serving.url}/any").json()
        assert session.delete(f"{serving.url}/nothing", data="not read by anybody").status_code == 204
        assert session.head(f"{serving.url}/any").headers["Content-Length"] != "0"
        assert session.get(f"{serving.url}/any").json()["port"] == first["port"]


def test_paths_queries_and_bodies_arrive_unchanged(serving: Serving) -> None:
    value = requests.post(f"{serving.url}/नेपाल?a=%2F+b==", data="नमस्ते".encode(), timeout=60).json()
    assert (value["path"], value["body"]) == ("नेपाल", "नमस्ते")
    assert value["raw"].endswith("?a=%2F+b==")


def test_a_chunked_body_is_rejected(serving: Serving) -> None:
    answer = requests.post(f"{serving.url}/any", data=iter([b"a", b"b"]), timeout=60)
    assert answer.status_code == 411


@pytest.mark.parametrize(("length", "status"), [("many", 400), ("-5", 400), ("٥", 400), ("9" * 15, 413)])
def test_a_length_that_no_body_has_is_refused_unread(serving: Serving, length: str, status: int) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), 5) as connection:
        connection.sendall(f"POST /any HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert connection.recv(12).decode() == f"HTTP/1.1 {status}"


def test_a_port_in_use_is_an_error(serving: Serving) -> None:
    with pytest.raises(OSError, match="in use"):
        Serving(Flask("second"), serving.port)


def test_a_stop_closes_idle_connections_too(serving: Serving) -> None:
    with requests.Session() as session:
        assert session.get(f"{serving.url}/any").ok
        serving.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{serving.url}/any")


def test_a_dead_connection_is_reset_before_its_second_request_has_an_effect() -> None:
    paths: list[str] = []
    app = Flask("recorder")

    @app.get("/<path:path>")
    def record(path: str) -> str:
        paths.append(path)
        return path

    serving = Serving(DeadConnections(app, ("/company/",))).start()
    with requests.Session() as session:
        assert [session.get(f"{serving.url}/other/{n}").ok for n in (1, 2)] == [True, True]
        with pytest.raises(requests.ConnectionError, match="reset"):
            session.get(f"{serving.url}/company/1")
        assert session.get(f"{serving.url}/company/2").ok
    serving.stop()
    assert paths == ["other/1", "other/2", "company/2"]


def test_a_server_that_never_started_can_be_stopped() -> None:
    Serving(Flask("never")).stop()
