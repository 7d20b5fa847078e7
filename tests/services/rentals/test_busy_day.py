"""A day of 100 cabinets and 1,000 rentals, with lying cabinets, outages, and lost, late and repeated messages.

`make day` runs it on dynoxide. `SEED=7` lets another day happen.
"""

import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.scenarios.busy_day import BusyDay
from tests.scenarios.city_faults import custody_faults, rental_faults
from tests.world.fake_world import FakeWorld
from tests.world.network import Network
from tests.world.real_tables import ENGINE

SEED = int(os.environ["BIJULI_TEST_SEED"])
MEBIBYTE = 1 << 20


def lines_of(day: BusyDay, began: float) -> Sequence[str]:
    """What happened on the day, and what its simulation took."""
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    engine_bytes = sum(child.memory_info().rss for child in psutil.Process().children())
    return (
        f"seed {day.seed}: {len(day.stations)} cabinets, {day.rentals_count} rentals, {day.trips_count} power banks "
        f"out, {day.messages_count} messages of cabinets",
        "faults: " + ", ".join(f"{count} {kind}" for kind, count in sorted(day.faults.items())),
        f"{time.monotonic() - began:.0f} s on {os.environ.get(ENGINE, 'moto')}, at most "
        f"{peak_bytes // MEBIBYTE} MiB; the engine's process at the end {engine_bytes // MEBIBYTE} MiB",
    )


def check(day: BusyDay, network: Network, tmp_path: Path) -> None:
    """Whoever has a power bank has a rental, each power bank is where its custody says, and the books are clean."""
    diary = tmp_path / "diary.txt"
    diary.write_text("\n".join(day.diary))
    assert (rental_faults(day), custody_faults(day)) == ([], []), f"seed {day.seed}, diary: {diary}"
    network.deliver_messages()
    assert network.books_balance()


@pytest.mark.city
def test_a_busy_day_ends_with_true_custody_and_clean_books(
    fake_world: FakeWorld, network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    day = BusyDay(fake_world, network, SEED, stations=100, users=330)
    day.live(24)
    with capsys.disabled():
        print("", *lines_of(day, began), sep="\n")  # noqa: T201  figures of the run
    check(day, network, tmp_path)
    assert day.rentals_count >= 1000


@pytest.mark.long
def test_busy_hours_of_a_few_cabinets_end_alike(fake_world: FakeWorld, network: Network, tmp_path: Path) -> None:
    day = BusyDay(fake_world, network, 7, stations=4, users=12)
    day.live(3)
    check(day, network, tmp_path)
    assert day.rentals_count > 0
    assert sum(day.faults.values()) > 0
