"""Starts the whole sandbox in order, and stops all of it."""

import os
import sys
import threading
import time
from functools import partial
from typing import Any

import botocore.session
from chalice.app import Chalice

from chalicelib import log, wiring
from chalicelib.services.audit.whole_audit import audit
from chalicelib.world import World
from infra.local.aws import cloud, storage_faults
from infra.local.aws.api_server import api_server
from infra.local.aws.iam import AccessControl
from infra.local.aws.log_group import LogGroupStream
from infra.local.aws.marked_calls import MarkedCalls
from infra.local.aws.queue_counts import QueueCounts
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.aws.refused_addresses import RefusedAddresses
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.aws.storage_faults import StorageFaults
from infra.local.aws.visibility import ScaledVisibility
from infra.local.cabinets.hardware import Hardware
from infra.local.cabinets.http_calls import CabinetHttp
from infra.local.companies import ses
from infra.local.companies.all_companies import Companies
from infra.local.connections import App
from infra.local.control.app import SandboxParts, control_app
from infra.local.control.drain import Drain
from infra.local.control.front import sandbox_port
from infra.local.control.planted_violations import PlantedViolations
from infra.local.control.strangers import strangers_blueprint
from infra.local.environment import KMS_KEY, PROBLEMS, in_sandbox, our_settings, scrub
from infra.local.fault import IAM
from infra.local.feed.backlog import Backlog, OutboxCount
from infra.local.feed.storage_watch import StorageWatch
from infra.local.feed.watched_functions import watched_api, watched_functions
from infra.local.options import SandboxOptions
from infra.local.port_checks import must_answer, start_on_port
from infra.local.seeds.seed import seed
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from infra.local.snapshots.activity_gate import GatedApp
from infra.local.snapshots.parts import snapshot_parts
from infra.local.snapshots.persistence import Persistence
from infra.local.snapshots.snapshots import Snapshots

STOP_SECONDS = 1.5


class Sandbox:
    """The running sandbox. `stop` may be called at any time, also after a failed start."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.simulation = Simulation()
        self._outbox_count = OutboxCount(self.simulation.activity)
        self._violations = PlantedViolations()
        self.environment: dict[str, str] = {}
        self._running: list[Any] = []
        self._cloud: cloud.Cloud | None = None
        self._persistence: Persistence | None = None

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
        """Stop servers and workers at once, then the engines that they use. `finish` keeps the state before."""
        self.simulation.activity.stop()
        self.simulation.feed.close()
        log.Output.stream = open(os.devnull, "w")  # noqa: SIM115  threads that end now would only log noise
        threads = [threading.Thread(target=part.stop, daemon=True) for part in self._running]
        for thread in threads:
            thread.start()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._cloud is not None:
            self._cloud.stop()
        if self._persistence is not None:
            self._persistence.close()

    def finish(self) -> str:
        """Let nothing begin any more, and save the state. Returns what was saved, in words. `stop` comes next."""
        return self._persistence.finish() if self._persistence else ""

    @property
    def resumed_from(self) -> str:
        """The saved state that it began with, in words. Empty for a new sandbox."""
        return self._persistence.resumed_from if self._persistence else ""

    def _start(self) -> None:
        scrub(os.environ, self.options.addresses.host)
        from app import app  # the import reads settings from the environment, which is scrubbed only now

        activity = self.simulation.activity
        api = self._api(app)
        urls = self.api_url, self.sandbox_url
        persistence = self._persistence = Persistence(self.simulation, self.options.data_dir, urls)
        self._cloud = cloud.start(self.options.dynamodb, persistence.keys.get(KMS_KEY))
        hardware = self._register(Hardware(self.simulation, dead_connections=self.options.dead_connections))
        hardware.cabinets.call_over(CabinetHttp(self.api_url, activity.internal_headers))
        companies = Companies(self.simulation, self.sandbox_url, self.api_url)
        self.environment = {
            **self._cloud.environment(),
            **hardware.environment(),
            **companies.environment(),
            **our_settings(self.options.addresses, persistence.keys),
        }
        os.environ.update(self.environment)
        stream = self._log_to(self._cloud.client("logs"))
        visibility = ScaledVisibility(self.simulation.pace)
        world = self._world(self._cloud, hardware, visibility)
        queue_pollers, schedule_runner = self._functions(app, self._cloud, visibility)
        snapshots = persistence.connect(
            snapshot_parts(
                self.simulation, self._cloud, hardware, companies, schedule_runner, queue_pollers, self._violations
            )
        )
        parts = self._parts(world, hardware, companies, schedule_runner, queue_pollers, snapshots)
        control = self._control_server(parts, companies, api.app)
        storage = self._register(StorageFaults(self.simulation, self.options.faults_each, functions_only=True))
        watch = self._register(StorageWatch(self.simulation.feed, self._outbox_count))
        marks = self._register(MarkedCalls())
        with activity.paused():
            persistence.begin(partial(self._seed, world, self._cloud, hardware, companies))
            for part in (stream, hardware, control, queue_pollers, schedule_runner, api, storage, watch, marks):
                part.start()
        persistence.start()
        must_answer(f"{self.api_url}/api/payment/packages", f"{self.sandbox_url}/clock")

    def _world(self, services: cloud.Cloud, hardware: Hardware, visibility: ScaledVisibility) -> World:
        """The world of the service, with AWS's policies at the sandbox's pace."""
        session = botocore.session.get_session()
        visibility.watch(session)
        AccessControl(cloud.PREFIX, ses.DOMAIN, is_revoked=self.simulation.is_right_revoked).watch(session)
        world = wiring.build(os.environ, self.simulation.clock.now, time.sleep, session)
        world = in_sandbox(world, self.simulation.activity, self.options.addresses, hardware.mns.reappear)
        wiring.use_world(world)
        services.shorten_way_to_tables()
        return world

    def _api(self, app: Chalice) -> Serving:
        """The server of the API, whose requests the feed tells."""
        addresses = self.options.addresses

        def watched(api: App) -> App:
            named = RefusedAddresses(api, addresses.allowed_origins, addresses.allowed_return_urls)
            return GatedApp(watched_api(self.simulation.feed, named), self.simulation.activity)

        to_api = partial(api_server, host=addresses.host, problems_url=f"{self.sandbox_url}{PROBLEMS}")
        server: Serving = start_on_port(
            lambda: self._register(to_api(app, addresses.api_port, watched)), addresses.api_url, "--api-port"
        )
        return server

    def _seed(self, world: World, services: cloud.Cloud, hardware: Hardware, companies: Companies) -> None:
        if services.fresh:
            companies.add_earlier_payments(seed(world, self.options.seed))
        hardware.load_cabinets()

    def _control_server(self, parts: SandboxParts, companies: Companies, api: App) -> Serving:
        """The sandbox's port: the control API, the companies, and the API again under its own paths."""
        addresses = self.options.addresses
        activity = self.simulation.activity
        strangers = strangers_blueprint(self.api_url, activity.internal_headers)
        app = sandbox_port(
            control_app(parts, [*companies.blueprints, strangers]),
            api,
            activity,
            addresses,
            companies.path_prefixes,
            dead_connections=self.options.dead_connections,
        )
        server: Serving = start_on_port(
            lambda: self._register(Serving(app, addresses.sandbox_port, host=addresses.host)),
            addresses.sandbox_url,
            "--sandbox-port",
        )
        return server

    def _log_to(self, client: Any) -> LogGroupStream:
        """The lines go where they go on AWS, and on to the terminal. Not started yet."""
        stream = LogGroupStream(log.Output.stream or sys.stderr, client, self.simulation.clock)
        log.Output.stream = self._register(stream)
        return stream

    def _functions(
        self, app: Chalice, services: cloud.Cloud, visibility: ScaledVisibility
    ) -> tuple[QueuePollers, ScheduleRunner]:
        """What invokes the consumers and the schedules. The feed tells of each invocation."""
        activity = self.simulation.activity
        backlog = Backlog(QueueCounts(services.rest_url), self._outbox_count)
        consumers, schedules = watched_functions(self.simulation.feed, app, backlog)
        queues = QueuePollers(services.client("sqs"), services.queue_url_prefix, consumers, visibility, activity)
        runner = ScheduleRunner(self.simulation.clock, schedules, activity)
        return self._register(queues), self._register(runner)

    def _parts(
        self,
        world: World,
        hardware: Hardware,
        companies: Companies,
        schedule_runner: ScheduleRunner,
        queue_pollers: QueuePollers,
        snapshots: Snapshots,
    ) -> SandboxParts:
        return SandboxParts(
            world=world,
            simulation=self.simulation,
            cabinets=hardware.cabinets,
            schedule_runner=schedule_runner,
            drain=Drain(world, hardware, queue_pollers, self.simulation),
            queue_pollers=queue_pollers,
            audit=lambda: audit(world),
            gateways=companies.gateways,
            outboxes=companies.outboxes,
            environment=self.environment,
            services=companies.services | {"mns", "alibaba_iot", storage_faults.SERVICE, IAM},
            snapshots=snapshots,
            violations=self._violations,
        )

    def _register(self, part: Any) -> Any:
        """Have `stop` stop this part."""
        self._running.append(part)
        return part
