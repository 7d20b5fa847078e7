"""`python -m bench.audit_memory`: the memory of a whole audit at 1,000, 10,000 and 50,000 rows, on dynoxide.

With `--postings` the rows are those of one customer with that many postings.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

from bench.scenario import started
from tests.services.audit.audit_memory import add_rows, peak_of_audit
from tests.services.audit.long_history import customer_with_history

COUNTS = (1_000, 10_000, 50_000)


@dataclass(frozen=True)
class AuditMemory:
    """The most bytes that an audit of that many rows holds at one of its calls, and how long it takes."""

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


def measure_one_account(counts: tuple[int, ...]) -> Iterator[AuditMemory]:
    """One audit for each number of postings, all of one customer."""
    for count in sorted(counts):
        with started("dynoxide") as scenario:
            peak_of_audit(scenario.world)
            with redirect_stdout(StringIO()):
                customer_with_history(scenario.network, count)
            began = time.monotonic()
            rows, peak = peak_of_audit(scenario.world)
            yield AuditMemory(rows, peak, time.monotonic() - began)


def main() -> None:
    """Prints one line for each number of rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_memory", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--postings", type=int, nargs="+")
    arguments = parser.parse_args()
    one_account = measure_one_account(tuple(arguments.postings)) if arguments.postings else None
    for measured in one_account or measure(tuple(arguments.rows)):
        print(
            f"{measured.rows:>7,} rows: {measured.peak_bytes / 1e6:.2f} MB at most, {measured.seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
