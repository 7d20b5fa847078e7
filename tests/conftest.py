"""Fixtures of every test: a world of fakes, and real tables under it."""

import os
import secrets
from collections.abc import Iterator
from io import StringIO
from typing import Any

import hypothesis.core
import pytest
from hypothesis import HealthCheck, settings

from chalicelib import wiring
from chalicelib.log import Output
from chalicelib.services import warm_cache
from chalicelib.world import World
from infra.local.aws.storage_faults import StorageFaults
from infra.local.garbage_collection import spare_imported_modules
from infra.local.simulation import Simulation
from tests.engines import rights_of_run
from tests.engines.fault_injection import CELLS
from tests.world.fake_world import FakeWorld
from tests.world.network import Network
from tests.world.real_tables import fresh_tables

os.environ.update(
    AWS_DEFAULT_REGION="ap-south-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_EC2_METADATA_DISABLED="true",
)

# No test depends on how long an example takes.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("untimed"), max_examples=20)
settings.load_profile("untimed")

SLOW_FOLDERS = {"sandbox", "browser"}
"""Their tests wait for processes of their own."""
SEED = int(os.environ.setdefault("BIJULI_TEST_SEED", str(secrets.randbelow(2**32))))
"""Drawn once. The workers of a run inherit it."""
MUTATED_FRAMES = "--mutated-frames"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(MUTATED_FRAMES, type=int, default=20_000, help="how many mutated frames of cabinets are decoded")
    parser.addoption(
        rights_of_run.OPTION, action="store_true", help="fail the run for a right of a function that no test used"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Every random suite of a run draws from one seed. The summary prints it; --hypothesis-seed sets another."""
    if config.getoption("--hypothesis-seed", None) is None:
        hypothesis.core.global_force_seed = SEED  # type: ignore[assignment]  # what its own option sets


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow tests come first, so that the quick ones fill the workers to the end.

    The tests of the sandbox begin the shares of the first two workers: each of them starts a sandbox once.
    """
    items.sort(key=lambda item: (item.path.parent.name not in SLOW_FOLDERS, item.get_closest_marker("long") is None))
    slow = sum(item.path.parent.name in SLOW_FOLDERS for item in items)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    half, second = slow // 2, len(items) // workers + slow - slow // 2
    if workers > len(SLOW_FOLDERS) and slow < second:
        items[:] = items[:half] + items[slow:second] + items[half:slow] + items[second:]


def pytest_collection_finish() -> None:
    spare_imported_modules()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    rights_of_run.collect(node)


def pytest_sessionfinish(session: pytest.Session) -> None:
    rights_of_run.pass_on(session.config)
    is_whole = session.config.getoption(rights_of_run.OPTION) and not hasattr(session.config, "workerinput")
    if is_whole and session.exitstatus == pytest.ExitCode.OK and rights_of_run.unused(rights_of_run.used()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    answer = config.getoption("--hypothesis-seed", None)
    if (order := config.getoption("randomly_seed", None)) is not None:
        terminalreporter.write_line(f"order: --randomly-seed={order}")
    if config.getoption(rights_of_run.OPTION):
        for line in rights_of_run.unused(rights_of_run.used()):
            terminalreporter.write_line(f"no test used the right of {line}")
    terminalreporter.write_line(f"hypothesis seed {SEED if answer is None else answer}")
    for name, cells in CELLS.items():
        terminalreporter.write_line(f"{name}: {cells} cells of a call and what goes wrong there")


@pytest.fixture
def fake_world() -> FakeWorld:
    """A world of fakes, at the start of its clock."""
    return FakeWorld()


@pytest.fixture
def tables() -> Iterator[object]:
    """The client of empty tables."""
    with fresh_tables() as client:
        yield client


@pytest.fixture
def storage_faults(tables: object) -> Iterator[Simulation]:
    """Faults of DynamoDB that a test orders."""
    simulation = Simulation()
    faults = StorageFaults(simulation)
    faults.start()
    yield simulation
    faults.stop()


@pytest.fixture
def world(fake_world: FakeWorld, tables: object) -> Iterator[World]:
    """The world of fakes on empty tables, in place of the real one, with all caches emptied."""
    warm_cache.clear_all()
    created = fake_world.world()
    wiring.use_world(created)
    yield created
    wiring.use_world(None)


@pytest.fixture
def network(fake_world: FakeWorld, world: World) -> Network:
    """A network with stations, packages and an operator."""
    return Network(fake_world, world)


@pytest.fixture
def log_output() -> Iterator[StringIO]:
    """The text that the log has written."""
    Output.stream = StringIO()
    yield Output.stream
    Output.stream = None
