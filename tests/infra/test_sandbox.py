"""The whole sandbox, started from the command line, controlled, and stopped completely."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from infra.local.aws.cloud import ROOT
from infra.local.ports import free_port

START = [sys.executable, "-m", "infra.local", "--quiet"]
LABIM = "864601069946994"
MAX_MEGABYTES = 700


@dataclass
class Running:
    """A sandbox in processes of its own."""

    process: subprocess.Popen[str]
    api: str
    url: str

    def get(self, path: str, status: int = 200) -> Any:
        answer = requests.get(self.url + path, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = requests.post(self.url + path, json=body or {}, timeout=90)
        assert answer.status_code == status, answer.text
        return answer.json()

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def started(*more: str) -> Iterator[Running]:
    """Wait until READY is printed with the requested addresses."""
    api, port = free_port(), free_port()
    command = [*START, "--api-port", str(api), "--sandbox-port", str(port), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own
        try:
            assert process.stdout is not None
            urls = f"http://127.0.0.1:{api}", f"http://127.0.0.1:{port}"
            assert process.stdout.readline() == f"READY api={urls[0]} sandbox={urls[1]}\n"
            yield Running(process, *urls)
        finally:
            process.terminate()
            exit_status = process.wait(60)
    assert exit_status in (0, -signal.SIGKILL)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with started() as running:
        yield running


def failed(*arguments: str) -> str:
    """The standard error of a failed start."""
    result = subprocess.run([*START, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode != 0
    return result.stderr


def test_all_processes_together_stay_small(sandbox: Running) -> None:
    resident = sum(process.memory_info().rss for process in sandbox.family())
    assert resident < MAX_MEGABYTES * 1024 * 1024


def test_after_a_drain_all_queues_are_empty(sandbox: Running) -> None:
    sandbox.post(f"/cabinets/{LABIM}/snapshot")
    assert sandbox.post("/queues/drain")["handled"] >= 1
    assert sandbox.post("/queues/drain") == {"handled": 0, "failed": 0, "dead": 0}


def test_the_clock_advances_on_demand_and_never_goes_back(sandbox: Running) -> None:
    before = sandbox.get("/clock")["now"]
    answer = sandbox.post("/clock/advance", {"seconds": 120})
    assert answer["now"] > before
    assert "sweep_ejects" in answer["ran"]
    assert "seconds" in sandbox.post("/clock/advance", {"seconds": -1}, status=422)["error"]


def test_the_clock_goes_to_a_time_in_steps_and_schedules_run_after_each(sandbox: Running) -> None:
    now = datetime.fromisoformat(sandbox.get("/clock")["now"])
    answer = sandbox.post("/clock/advance", {"to": (now + timedelta(minutes=10)).isoformat(), "step": 240})
    assert answer["ran"].count("sweep_ejects") == 3
    assert answer["sessions_ended"] == 0
    assert datetime.fromisoformat(answer["now"]) >= now + timedelta(minutes=10)


def test_a_schedule_runs_on_demand(sandbox: Running) -> None:
    names = {item["name"] for item in sandbox.get("/schedules")}
    assert {"poll_mns", "sweep_ejects", "sweep_intents", "sweep_outbox"} <= names
    for name in names:
        assert sandbox.post(f"/schedules/{name}/run")["name"] == name
    sandbox.post("/schedules/unheard_of/run", status=404)


def test_a_cabinet_is_listed_and_takes_a_behaviour(sandbox: Running) -> None:
    assert len(sandbox.get("/cabinets")) == 4
    assert sandbox.post(f"/cabinets/{LABIM}/behaviour", {"eject": "silent"})["eject"] == "silent"
    assert sandbox.get(f"/cabinets/{LABIM}")["behaviour"]["eject"] == "silent"
    sandbox.post(f"/cabinets/{LABIM}/behaviour", {"eject": "ok"})
    sandbox.post(f"/cabinets/{LABIM}/behaviour", {"eject": "sideways"}, status=409)
    sandbox.post(f"/cabinets/{LABIM}/return", {"powerbank_sn": "1"}, status=409)
    sandbox.get("/cabinets/1", status=404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/gateways/paypal/1/pay", {}, 404),
        ("/gateways/khalti/unknown/pay", {}, 404),
        ("/gateways/khalti/unknown/pay", {"outcome": "riches"}, 422),
        ("/gateways/khalti/unknown/pay", {"callback": ["once"]}, 422),
        ("/faults", {"service": "post_office", "status": 500}, 404),
        ("/faults", {"service": "khalti", "status": 200}, 422),
        ("/faults", {"service": "khalti"}, 422),
        ("/faults", {"service": "khalti", "status": 500, "method": "SEND"}, 422),
        ("/faults", {"service": "khalti", "status": 500, "path": 1}, 422),
        ("/snapshots/Morning", {}, 422),
        ("/snapshots/morning", {"of": "tables"}, 422),
        ("/snapshots/morning/restore", {}, 404),
        ("/clock/advance", {"minutes": 1}, 422),
        ("/clock/advance", {"seconds": True}, 422),
        ("/clock/advance", {"to": "2020-01-01T00:00:00Z"}, 422),
        ("/clock/advance", {"to": "2099-01-01"}, 422),
        ("/clock/advance", {"to": "soon"}, 422),
        ("/clock/advance", {"seconds": 86400, "step": 1}, 422),
        ("/clock/advance?seconds=60", {}, 422),
    ],
)
def test_an_invalid_control_request_is_rejected_with_a_reason(
    sandbox: Running, path: str, body: Any, status: int
) -> None:
    assert sandbox.post(path, body, status)["error"]


def test_a_listing_of_an_unknown_parameter_and_a_page_of_an_unknown_rental_are_refused(sandbox: Running) -> None:
    assert sandbox.get("/sms?phone=9800000001", 422) == {"error": "unknown: phone; there is to"}
    assert requests.get(f"{sandbox.url}/r/R-00000000", timeout=60).status_code == 404


def test_a_fault_on_demand_happens_once_and_is_recorded(sandbox: Running) -> None:
    before = len(sandbox.get("/calls?service=alibaba_iot"))
    sandbox.post("/faults", {"service": "alibaba_iot", "status": 503, "times": 1})
    iot = {name: value for name, value in sandbox.get("/env").items() if name.startswith("BIJULI_IOT")}
    statuses = [requests.post(iot["BIJULI_IOT_URL"], timeout=60).status_code for _ in range(2)]
    assert statuses[0] == 503
    assert statuses[1] != 503
    assert len(sandbox.get("/calls?service=alibaba_iot")) == before + 2


def test_a_fault_of_one_path_spares_the_others(sandbox: Running) -> None:
    khalti = sandbox.get("/env")["BIJULI_KHALTI_API_URL"]
    order = {"service": "khalti", "status": 503, "times": 1, "method": "POST", "path": "/lookup/"}
    sandbox.post("/faults", order)
    calls = [("POST", "initiate"), ("GET", "lookup"), ("POST", "lookup"), ("POST", "lookup")]
    statuses = [requests.request(verb, f"{khalti}epayment/{path}/", timeout=60).status_code for verb, path in calls]
    assert [status == 503 for status in statuses] == [False, False, True, False]


def test_the_environment_is_printed_for_shells(sandbox: Running) -> None:
    port = sandbox.url.rpartition(":")[2]
    result = subprocess.run(  # noqa: S603  our own command
        [*START, "env", "--sandbox-port", port], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"export BIJULI_API_URL={sandbox.api}" in result.stdout.splitlines()


def test_the_environment_is_not_printed_where_another_program_answers(sandbox: Running) -> None:
    port = sandbox.api.rpartition(":")[2]
    result = subprocess.run(  # noqa: S603  our own command
        [*START, "env", "--sandbox-port", port], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("sandbox: no sandbox answers at")
    assert len(result.stderr.splitlines()) == 1


def test_ctrl_c_ends_one_of_two_sandboxes_with_all_its_processes(sandbox: Running) -> None:
    with started("--seed", "empty") as other:
        assert other.get("/cabinets") == []
        family = other.family()
        other.process.send_signal(signal.SIGINT)
        assert other.process.wait(60) == 0
        assert not any(process.is_running() for process in family)
    assert len(sandbox.get("/cabinets")) == 4


def test_a_data_directory_in_use_gives_one_clear_line(tmp_path: Path) -> None:
    with started("--seed", "empty", "--data-dir", str(tmp_path)) as first:
        ports = ["--api-port", str(free_port()), "--sandbox-port", str(free_port())]
        text = failed(*ports, "--data-dir", str(tmp_path))
        words = "stop that one, or name another directory"
        assert text == f"sandbox: {tmp_path} is used by another sandbox (process {first.process.pid}): {words}\n"


def test_a_killed_sandbox_takes_its_engine_with_it() -> None:
    with started("--seed", "empty") as other:
        engines = other.family()[1:]
        other.process.kill()
        assert psutil.wait_procs(engines, timeout=60)[1] == []


def test_a_port_in_use_gives_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        text = failed("--api-port", port, "--sandbox-port", str(free_port()))
        words = "can't be used: Address already in use; --api-port names another port"
        assert text == f"sandbox: http://127.0.0.1:{port} {words}\n"
        text = failed("--api-port", str(free_port()), "--sandbox-port", port)
        assert text.startswith(f"sandbox: http://127.0.0.1:{port} can't be used")
        assert "--sandbox-port" in text


def test_an_engine_without_an_answer_gives_one_clear_line() -> None:
    ports = ["--api-port", str(free_port()), "--sandbox-port", str(free_port())]
    text = failed(*ports, "--dynamodb", f"http://127.0.0.1:{free_port()}")
    assert text.startswith("sandbox: http://127.0.0.1:")
    assert text.count("\n") == 1
