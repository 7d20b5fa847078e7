"""A sandbox with a data directory, as a process that ends and starts again."""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.client import Sandbox
from infra.local.ports import free_port
from infra.local.snapshots.files import read_head
from tests.sandbox.conftest import ROOT

LISTS = ("/sms", "/emails", "/pushes", "/media", "/payments", "/rentals", "/postings", "/people", "/callbacks")
SECONDS = 60


@dataclass
class Installation:
    """A sandbox with a data directory, which ends and starts again."""

    engine: str
    directory: Path
    process: "subprocess.Popen[str] | None" = None
    ports: list[int] = field(default_factory=lambda: [free_port(), free_port()])

    def start(self) -> None:
        command = [sys.executable, "-m", "infra.local", "--quiet", "--dynamodb", self.engine]
        command += ["--data-dir", str(self.directory), "--api-port", str(self.ports[0])]
        command += ["--sandbox-port", str(self.ports[1])]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("READY")

    def end(self, number: signal.Signals) -> str:
        """End it by a signal. Returns what it printed since READY."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.communicate(timeout=SECONDS)[0]

    def kill_once_saved(self) -> None:
        """Kill it as soon as it has saved what happened until now."""
        assert self.process is not None
        until, now = time.monotonic() + SECONDS, self.now()
        self.sandbox.drain()
        # a state of the hours before the restore may lie there, with a later time
        while not now <= self.saved_at() < now + timedelta(minutes=2):
            assert time.monotonic() < until
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)
        self.end(signal.SIGKILL)

    def saved_at(self) -> datetime:
        return datetime.fromisoformat(read_head(self.directory / "state.gz").taken_at)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(f"http://127.0.0.1:{self.ports[1]}")

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.get("/clock")["now"])

    def facts(self) -> dict[str, Any]:
        """What can be seen of the sandbox, without its time and whatever its ports are in this run."""
        lists = {path: self.sandbox.get(path) for path in LISTS}
        queues = {item["name"]: item["dead"] for item in self.sandbox.get("/queues")}
        text = json.dumps({**lists, "queues": queues, "cabinets": self.sandbox.get("/cabinets")})
        for name, port in zip(("API", "SANDBOX"), self.ports, strict=True):
            text = text.replace(f"127.0.0.1:{port}", name).replace(f"127.0.0.1%3A{port}", name)
        facts: dict[str, Any] = json.loads(text)
        return facts
