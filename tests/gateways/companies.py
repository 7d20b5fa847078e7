"""The simulated companies, served on a loopback port for the adapters' tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from infra.local.companies import Companies
from infra.local.processes import free_port
from infra.local.serving import Serving
from infra.local.simulation import Simulation


@contextmanager
def companies() -> Iterator[tuple[Companies, Simulation]]:
    """All of them, up; and the stage that holds their clock and faults."""
    port = free_port()
    simulation = Simulation()
    # The API is not there in these tests: whoever would come back to it finds nobody.
    servers = Companies(simulation, f"http://127.0.0.1:{port}", "http://127.0.0.1:9")
    app = Flask("companies")
    for blueprint in servers.blueprints:
        app.register_blueprint(blueprint)
    serving = Serving(app, port)
    serving.start()
    try:
        yield servers, simulation
    finally:
        serving.stop()
