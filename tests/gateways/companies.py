"""The simulated companies, served on a loopback port for the adapters' tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from infra.local.companies.all_companies import Companies
from infra.local.companies.dead_connections import DeadConnections
from infra.local.ports import free_port
from infra.local.serving import Serving
from infra.local.simulation import Simulation


@contextmanager
def companies(*, keep_connections: bool = True) -> Iterator[tuple[Companies, Simulation]]:
    """The started companies, and the simulation with their clock and faults.

    Without `keep_connections` the second request on a connection gets no answer.
    """
    port = free_port()
    simulation = Simulation()
    # There is no API in these tests: nothing listens on its port.
    servers = Companies(simulation, f"http://127.0.0.1:{port}", "http://127.0.0.1:9")
    app = Flask("companies")
    for blueprint in servers.blueprints:
        app.register_blueprint(blueprint)
    serving = Serving(app if keep_connections else DeadConnections(app), port)
    serving.start()
    try:
        yield servers, simulation
    finally:
        serving.stop()
