"""`python -m bench.audit_memory`: the memory of a whole audit at 1,000, 10,000 and 50,000 rows, on dynoxide."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.scenario import started
from tests.services.audit.audit_memory import add_rows, peak_of_audit

COUNTS = (1_000, 10_000, 50_000)


@dataclass(frozen=True)
class AuditMemory:
    """The most bytes that an audit of so many rows holds at one of its calls, and how long it takes."""

    rows: int
    peak_bytes: int
    seconds: float


def measure(counts: tuple[int, ...] = COUNTS) -> Iterator[AuditMemory]:
    """One audit for each number of rows, the smallest first, after one that fills the caches of the process."""
    with started("dynoxide") as scenario:
        world, added = scenario.world, 0
        peak_of_audit(world)
        for count in sorted(counts):
            add_rows(added, count)
            added, began = count, time.monotonic()
            rows, peak = peak_of_audit(world)
            yield AuditMemory(rows, peak, time.monotonic() - began)


def main() -> None:
    """Prints one line for each number of rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_memory", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=COUNTS)
    for measured in measure(tuple(parser.parse_args().rows)):
        print(
            f"{measured.rows:>7,} rows: {measured.peak_bytes / 1e6:.2f} MB at most, {measured.seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
