"""Starts the whole sandbox in order, and stops all of it."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
import requests
from chalice.app import Chalice

from chalicelib import log, wiring
from chalicelib.services.audit.whole_audit import audit
from chalicelib.world import World
from infra.local import cloud, lambdas, ses, storage_faults
from infra.local.addresses import Addresses
from infra.local.api_server import SameOrigin, api_server
from infra.local.cabinet_http import CabinetHttp
from infra.local.companies import Companies
from infra.local.control import SandboxParts, control_app
from infra.local.dead_connections import DeadConnections
from infra.local.drain import Drain
from infra.local.environment import PROBLEMS, our_settings, scrub, with_local_urls
from infra.local.hardware import Hardware
from infra.local.iam import AccessControl
from infra.local.log_group import LogGroupStream
from infra.local.marked_calls import MarkedCalls
from infra.local.processes import Failed
from infra.local.queue_pollers import QueuePollers
from infra.local.schedule_runner import ScheduleRunner
from infra.local.seed import seed
from infra.local.serving import App, Serving
from infra.local.simulation import IAM, Simulation
from infra.local.storage_faults import FaultsEach, StorageFaults
from infra.local.storage_watch import StorageWatch
from infra.local.strangers import strangers_blueprint
from infra.local.visibility import ScaledVisibility
from infra.local.watched_functions import watched_api, watched_consumer, watched_schedule

ANSWER_SECONDS = 30.0
STOP_SECONDS = 1.5
CLOCK_FILE = "clock.json"


@dataclass(frozen=True)
class SandboxOptions:
    """The command line's options."""

    addresses: Addresses = field(default_factory=Addresses)
    dynamodb: str = "moto"
    seed: str = "demo"
    data_dir: Path | None = None
    quiet: bool = False
    dead_connections: bool = False
    faults_each: FaultsEach = field(default_factory=FaultsEach)


class Sandbox:
    """The running sandbox. `stop` may be called at any time, also after a failed start."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.simulation = Simulation()
        self.environment: dict[str, str] = {}
        self._running: list[Any] = []
        self._cloud: cloud.Cloud | None = None

    def start(self) -> "Sandbox":
        """Start every part. Raises Failed with one line for people, after stopping what was started."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def api_url(self) -> str:
        return self.options.addresses.api_url

    @property
    def sandbox_url(self) -> str:
        return self.options.addresses.sandbox_url

    def broken(self) -> str | None:
        """The name of a part that ended by itself."""
        return self._cloud.ended() if self._cloud else None

    def stop(self) -> None:
        """Stop servers and workers at once, then the engines that they use."""
        self.simulation.feed.close()
        log.Output.stream = open(os.devnull, "w")  # noqa: SIM115  threads that end now would only log noise
        self._keep_clock()
        threads = [threading.Thread(target=part.stop, daemon=True) for part in self._running]
        for thread in threads:
            thread.start()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._cloud is not None:
            self._cloud.stop()

    def _start(self) -> None:
        scrub(os.environ, self.options.addresses.host)
        from app import app  # the import reads settings from the environment, which is scrubbed only now

        addresses, watched = self.options.addresses, partial(watched_api, self.simulation.feed)
        to_api = partial(api_server, host=addresses.host, problems_url=f"{self.sandbox_url}{PROBLEMS}")
        api = _listening(lambda: self._run(to_api(app, addresses.api_port, watched)), addresses.api_url, "--api-port")
        self._meet_clock()
        self._cloud = cloud.start(self.options.dynamodb, self.options.data_dir)
        hardware = self._run(Hardware(self.simulation, dead_connections=self.options.dead_connections))
        hardware.cabinets.http = CabinetHttp(self.api_url)
        companies = Companies(self.simulation, self.sandbox_url, self.api_url)
        self.environment = {
            **self._cloud.environment(),
            **hardware.environment(),
            **companies.environment(),
            **our_settings(self.options.addresses, self.options.data_dir),
        }
        os.environ.update(self.environment)
        stream = self._log_to(self._cloud.client("logs"))
        visibility = ScaledVisibility(self.simulation.pace)
        session = self._session(visibility)
        world = wiring.build(os.environ, self.simulation.clock.now, time.sleep, session)
        world = with_local_urls(world)
        wiring.use_world(world)
        if self._cloud.fresh:
            companies.add_earlier_payments(seed(world, self.options.seed))
        queue_pollers, schedule_runner = self._functions(app, self._cloud, visibility)
        parts = self._parts(world, hardware, companies, schedule_runner, queue_pollers)
        control = self._control_server(parts, companies, api.app)
        storage = self._run(StorageFaults(self.simulation, self.options.faults_each))
        watch, marks = self._run(StorageWatch(self.simulation.feed)), self._run(MarkedCalls())
        for part in (stream, hardware, control, queue_pollers, schedule_runner, api, storage, watch, marks):
            part.start()
        hardware.load_cabinets()
        _must_answer(f"{self.api_url}/api/payment/packages", f"{self.sandbox_url}/clock")

    def _control_server(self, parts: SandboxParts, companies: Companies, api: App) -> Serving:
        """The sandbox's port: the control API, the companies, and the API again under its own paths."""
        addresses = self.options.addresses
        own: App = control_app(parts, [*companies.blueprints, strangers_blueprint(self.api_url)])
        if self.options.dead_connections:
            own = DeadConnections(own, companies.path_prefixes)
        server: Serving = _listening(
            lambda: self._run(Serving(SameOrigin(own, api), addresses.sandbox_port, host=addresses.host)),
            addresses.sandbox_url,
            "--sandbox-port",
        )
        return server

    def _log_to(self, client: Any) -> LogGroupStream:
        """The lines go where they go on AWS, and on to the terminal. Not started yet."""
        stream = LogGroupStream(log.Output.stream or sys.stderr, client, self.simulation.clock)
        log.Output.stream = self._run(stream)
        return stream

    def _functions(
        self, app: Chalice, services: cloud.Cloud, visibility: ScaledVisibility
    ) -> tuple[QueuePollers, ScheduleRunner]:
        """What invokes the consumers and the schedules. The feed tells of each invocation."""
        feed = self.simulation.feed
        consumers = [watched_consumer(feed, consumer) for consumer in lambdas.consumers(app)]
        schedules = [watched_schedule(feed, schedule) for schedule in lambdas.schedules(app)]
        queues = QueuePollers(services.client("sqs"), services.queue_url_prefix, consumers, visibility)
        return self._run(queues), self._run(ScheduleRunner(self.simulation.clock, schedules))

    def _session(self, visibility: ScaledVisibility) -> botocore.session.Session:
        """The session of the service's AWS clients, with policies and the sandbox's pace."""
        session = botocore.session.get_session()
        visibility.watch(session)
        AccessControl(cloud.PREFIX, ses.DOMAIN, is_revoked=self.simulation.is_right_revoked).watch(session)
        return session

    def _parts(
        self,
        world: World,
        hardware: Hardware,
        companies: Companies,
        schedule_runner: ScheduleRunner,
        queue_pollers: QueuePollers,
    ) -> SandboxParts:
        return SandboxParts(
            world=world,
            simulation=self.simulation,
            cabinets=hardware.cabinets,
            schedule_runner=schedule_runner,
            drain=Drain(world, hardware, queue_pollers),
            queue_pollers=queue_pollers,
            audit=lambda: audit(world),
            gateways=companies.gateways,
            outboxes=companies.outboxes,
            environment=self.environment,
            services=companies.services | {"mns", "alibaba_iot", storage_faults.SERVICE, IAM},
        )

    def _run(self, part: Any) -> Any:
        """Start a part and register it for `stop`."""
        self._running.append(part)
        return part

    def _meet_clock(self) -> None:
        """Set the clock to the time of stored tables, which never goes backwards."""
        if self.options.data_dir is not None:
            self.options.data_dir.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                clock_state = json.loads((self.options.data_dir / CLOCK_FILE).read_text())
                self.simulation.clock.advance(float(clock_state["ahead_seconds"]))

    def _keep_clock(self) -> None:
        if self.options.data_dir is not None and self._cloud is not None:
            ahead = (self.simulation.clock.now() - datetime.now(UTC)).total_seconds()
            (self.options.data_dir / CLOCK_FILE).write_text(json.dumps({"ahead_seconds": max(0.0, ahead)}))


def _listening(start: Callable[[], Any], url: str, option: str) -> Any:
    """Raises Failed with the option that names another port."""
    try:
        return start()
    except OSError as error:
        raise Failed(f"{url} can't be used: {error.strerror}; {option} names another port") from error


def _must_answer(*urls: str) -> None:
    for url in urls:
        try:
            answer = requests.get(url, timeout=ANSWER_SECONDS)
        except requests.RequestException as error:
            raise Failed(f"{url} does not answer: {type(error).__name__}") from error
        if answer.status_code != requests.codes.ok:
            raise Failed(f"{url} answers {answer.status_code}")
